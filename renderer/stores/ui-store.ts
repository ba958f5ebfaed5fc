/** Dialogs, toasts and incidents: what the page itself decides to show. */
import { create } from 'zustand';

export type DialogName = 'palette' | 'help' | 'session' | 'settings' | 'layout' | 'symbols';
export type ToastLevel = 'info' | 'success' | 'warning' | 'error';

export interface Toast {
  id: number;
  level: ToastLevel;
  title: string;
  text: string;
  /** Equal toasts in a row are counted, not stacked. */
  count: number;
}

/** Something that went wrong and stays on screen until it is over, and then until it is dismissed. */
export interface Incident {
  /** One at a time per key. */
  key: string;
  kind: 'process' | 'connection' | 'alert' | 'kill';
  title: string;
  text: string;
  /** ms since the epoch. */
  sinceMs: number;
  overMs: number | null;
}

export interface UiState {
  dialog: DialogName | null;
  toasts: Toast[];
  incidents: Incident[];
}

export const useUiStore = create<UiState>()(() => ({ dialog: null, toasts: [], incidents: [] }));

const MAX_TOASTS = 5;
const TOAST_MS = { info: 4_000, success: 2_500, warning: 6_000, error: 8_000 } as const;
const INCIDENT_LINGER_MS = 12_000;
let nextToast = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export function openDialog(dialog: DialogName | null): void {
  useUiStore.setState({ dialog });
}

export function toggleDialog(dialog: DialogName): void {
  useUiStore.setState((state) => ({ dialog: state.dialog === dialog ? null : dialog }));
}

export function showToast(level: ToastLevel, title: string, text = ''): void {
  const { toasts } = useUiStore.getState();
  const same = toasts.find((toast) => toast.level === level && toast.title === title && toast.text === text);
  const toast: Toast = { id: same?.id ?? nextToast++, level, title, text, count: (same?.count ?? 0) + 1 };
  const kept = toasts.filter((other) => other.id !== toast.id).slice(-(MAX_TOASTS - 1));
  useUiStore.setState({ toasts: [...kept, toast] });
  clearTimeout(timers.get(toast.id));
  timers.set(
    toast.id,
    setTimeout(() => dismissToast(toast.id), TOAST_MS[level]),
  );
}

export function dismissToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  useUiStore.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
}

/** Opens an incident, or changes its words when it is open already. */
export function raiseIncident(incident: Omit<Incident, 'overMs'>): void {
  useUiStore.setState((state) => {
    const open = state.incidents.find((other) => other.key === incident.key && other.overMs === null);
    const next: Incident = { ...incident, sinceMs: open?.sinceMs ?? incident.sinceMs, overMs: null };
    return { incidents: [next, ...state.incidents.filter((other) => other.key !== incident.key)].slice(0, 8) };
  });
}

/** Marks an incident as over; it can be dismissed now, and leaves by itself after a while. */
export function endIncident(key: string, nowMs: number): void {
  const open = useUiStore.getState().incidents.some((incident) => incident.key === key && incident.overMs === null);
  if (!open) return;
  useUiStore.setState((state) => ({
    incidents: state.incidents.map((incident) => (incident.key === key ? { ...incident, overMs: nowMs } : incident)),
  }));
  setTimeout(() => dismissIncident(key, nowMs), INCIDENT_LINGER_MS);
}

/** Removes an incident that is over; one that is not stays. */
export function dismissIncident(key: string, overMs?: number): void {
  useUiStore.setState((state) => ({
    incidents: state.incidents.filter(
      (other) => other.key !== key || other.overMs === null || (overMs !== undefined && other.overMs !== overMs),
    ),
  }));
}
