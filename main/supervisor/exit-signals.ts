/**
 * Calls `stop` at SIGINT, SIGTERM, SIGHUP, once. A terminal's Ctrl-C often arrives twice (from the terminal and from the
 * script that started us), so the second one must not cut the orderly end short.
 */
export function onExitSignal(stop: (signal: string) => void): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      stop(signal);
    });
  }
}
