import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chordOf, type KeyPress } from './chord.ts';

const press = (key: string, code: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});

test('chords are the same in every input mode and on every system', () => {
  assert.deepEqual(
    [
      press('k', 'KeyK', { ctrlKey: true, shiftKey: true }),
      press('ㅏ', 'KeyK', { metaKey: true, shiftKey: true }),
      press(' ', 'Space'),
      press('?', 'Slash', { shiftKey: true }),
      press('/', 'Slash'),
      press('1', 'Digit1'),
      press('1', 'Numpad1'),
      press('`', 'Backquote'),
      press('₩', 'Backquote'),
      press('F9', 'F9'),
      press('Escape', 'Escape', { shiftKey: true }),
      press('t', 'KeyT', { shiftKey: true }),
      press(',', 'Comma', { ctrlKey: true }),
    ].map(chordOf),
    ['Ctrl+Shift+K', 'Ctrl+Shift+K', 'Space', '?', '/', '1', '1', '`', '`', 'F9', 'Shift+Escape', 'Shift+T', 'Ctrl+,'],
  );
});
