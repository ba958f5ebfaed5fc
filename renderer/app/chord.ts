/** A key press as text: `Ctrl+Shift+K`, `Space`, `?`. Command counts as Control, so that one map serves every system. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The chord of a press; letters and digits go by their place on the keyboard, so a Korean input mode changes nothing. */
export function chordOf(press: KeyPress): string {
  let key = press.key;
  if (/^Key[A-Z]$/.test(press.code)) key = press.code.slice(3);
  else if (/^(Digit|Numpad)[0-9]$/.test(press.code) && !press.shiftKey) key = press.code.slice(-1);
  else if (press.code === 'Space') key = 'Space';
  else if (press.code === 'Backquote' && !press.shiftKey) key = '`';
  else if (press.code === 'Slash') key = press.shiftKey || press.key === '?' ? '?' : '/';
  else if (press.code === 'BracketLeft' && !press.shiftKey) key = '[';
  else if (press.code === 'BracketRight' && !press.shiftKey) key = ']';
  const parts: string[] = [];
  if (press.ctrlKey || press.metaKey) parts.push('Ctrl');
  if (press.altKey) parts.push('Alt');
  // A sign that needs Shift to be typed is itself the chord.
  if (press.shiftKey && (key.length > 1 || /^[A-Z0-9]$/.test(key))) parts.push('Shift');
  parts.push(key);
  return parts.join('+');
}
