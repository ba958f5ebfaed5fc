/** Commands that a panel carries out: keys and palette say the name, the panel that is there listens. */

export type CommandName =
  | 'ladder.recentre'
  | 'chart.live'
  | 'chart.jump'
  | 'layout.reset'
  | 'layout.load'
  | 'layout.save'
  | 'panel.open';

const target = new EventTarget();

/** Says a command, with a word of detail where it takes one. */
export function command(name: CommandName, detail = ''): void {
  target.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Listens to a command. Returns how to stop. */
export function onCommand(name: CommandName, listener: (detail: string) => void): () => void {
  const handler = (event: Event) => listener((event as CustomEvent<string>).detail);
  target.addEventListener(name, handler);
  return () => target.removeEventListener(name, handler);
}
