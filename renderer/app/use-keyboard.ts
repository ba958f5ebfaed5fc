import { useEffect } from 'react';
import { openDialog, useUiStore } from '../stores/ui-store.ts';
import { listActions } from './actions.ts';
import { chordOf } from './chord.ts';
import { useRuntime } from './runtime.ts';

/** Keys that work everywhere, also while typing or in a dialog. */
const ALWAYS = new Set(['Ctrl+Shift+K', 'Ctrl+K', 'Ctrl+P', 'F9', 'Shift+Escape']);

/** Listens for the window's keys as long as the component lives. */
export function useKeyboard(): void {
  const runtime = useRuntime();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const chord = chordOf(event);
      const { dialog } = useUiStore.getState();
      if (chord === 'Escape' && dialog) {
        openDialog(null);
        event.preventDefault();
        return;
      }
      const target = event.target as HTMLElement;
      const typing =
        target.isContentEditable ||
        target instanceof HTMLTextAreaElement ||
        target instanceof HTMLSelectElement ||
        (target instanceof HTMLInputElement && target.type !== 'checkbox');
      if ((typing || (dialog && chord !== '?')) && !ALWAYS.has(chord)) return;
      // A key held down repeats moves, never orders: every action here is one press, one time.
      if (event.repeat) {
        event.preventDefault();
        return;
      }
      const action = listActions(runtime).find((candidate) => candidate.keys.includes(chord));
      if (!action) return;
      event.preventDefault();
      event.stopPropagation();
      if (target instanceof HTMLButtonElement) target.blur();
      action.run();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [runtime]);
}
