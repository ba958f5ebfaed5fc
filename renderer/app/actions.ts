/** Everything a person can do without the mouse: what the palette lists, what keys call, what `?` explains. */
import { i18n } from '../i18n/i18n.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';
import { subscribedInstruments, useTradingStore } from '../stores/trading-store.ts';
import { openDialog, toggleDialog } from '../stores/ui-store.ts';
import { command } from './commands.ts';
import {
  cancelAll,
  closePosition,
  kill,
  resetKill,
  selectInstrument,
  selectPreset,
  setReplaySpeed,
  startStrategy,
  stopStrategy,
} from './order-actions.ts';
import { PANEL_IDS } from './panels.tsx';
import type { Runtime } from './runtime.ts';

export type ActionGroup = 'trading' | 'view' | 'panels' | 'symbols' | 'layouts' | 'session' | 'settings';

export interface Action {
  id: string;
  group: ActionGroup;
  label: string;
  /** Chords as written by {@link chordOf}; the first is shown. */
  keys: string[];
  run(): void;
}

/** Actions as things are now: symbols, layouts and states come and go. */
export function listActions(runtime: Runtime): Action[] {
  const t = i18n.t.bind(i18n);
  const { settings, processes } = useHostStore.getState();
  const trading = useTradingStore.getState();
  const actions: Action[] = [];
  const add = (group: ActionGroup, id: string, label: string, keys: string[], run: () => void) =>
    actions.push({ group, id, label, keys, run });

  add('trading', 'kill', t('action.kill'), ['Ctrl+Shift+K'], () => kill(runtime));
  if (trading.kill.state !== 'idle') add('trading', 'killReset', t('action.killReset'), [], () => resetKill(runtime));
  add('trading', 'cancelAll', t('action.cancelAll'), ['X', 'Shift+Escape'], () => void cancelAll(runtime));
  add(
    'trading',
    'closePosition',
    t('action.closePosition'),
    ['Shift+F'],
    () => void closePosition(runtime, trading.instrument),
  );
  for (let preset = 0; preset < 5; preset++) {
    const number = preset + 1;
    add('trading', `preset${number}`, t('action.preset', { number }), [String(number)], () =>
      selectPreset(runtime, preset),
    );
  }
  add('trading', 'strategyStart', t('action.strategyStart'), [], () => void startStrategy(runtime));
  add('trading', 'strategyStop', t('action.strategyStop'), [], () => void stopStrategy(runtime));

  add('view', 'recentre', t('action.recentre'), ['Space', 'C'], () => command('ladder.recentre'));
  add('view', 'live', t('action.live'), ['L'], () => command('chart.live'));
  add('view', 'jump', t('action.jump'), ['G'], () => command('chart.jump'));
  add('view', 'palette', t('action.palette'), ['Ctrl+K'], () => toggleDialog('palette'));
  add('view', 'help', t('action.help'), ['?'], () => toggleDialog('help'));
  add(
    'view',
    'strip',
    t('action.strip'),
    ['F9', '`'],
    () => void runtime.saveSettings({ profilingStrip: !useHostStore.getState().settings.profilingStrip }),
  );

  for (const id of PANEL_IDS) {
    // For developers, and only where there is a venue that takes orders to misbehave.
    if (id === 'faults' && trading.source.kind !== 'sim') continue;
    const keys = id === 'data' ? ['Shift+D'] : [];
    add('panels', `panel.${id}`, t('action.openPanel', { panel: t(`panel.${id}`) }), keys, () =>
      command('panel.open', id),
    );
  }
  add('symbols', 'symbol.search', t('action.searchSymbol'), ['/', 'Ctrl+P'], () => toggleDialog('symbols'));
  for (const spec of subscribedInstruments(trading)) {
    if (spec.index === trading.instrument) continue;
    add(
      'symbols',
      `symbol.${spec.venue}.${spec.symbol}`,
      t('action.symbol', { symbol: spec.symbol, venue: venueName(spec.venue) }),
      [],
      () => void selectInstrument(runtime, spec.index),
    );
  }
  add('symbols', 'symbol.next', t('action.nextSymbol'), [']'], () => stepInstrument(runtime, 1));
  add('symbols', 'symbol.previous', t('action.previousSymbol'), ['['], () => stepInstrument(runtime, -1));

  add('layouts', 'layout.save', t('action.layoutSave'), [], () => openDialog('layout'));
  add('layouts', 'layout.reset', t('action.layoutReset'), [], () => command('layout.reset'));
  for (const name of Object.keys(settings.layouts)) {
    if (name !== 'current') {
      add('layouts', `layout.${name}`, t('action.layoutLoad', { name }), [], () => command('layout.load', name));
    }
  }

  add('session', 'session', t('action.session'), ['Ctrl+O'], () => openDialog('session'));
  if (trading.source.kind === 'replay') {
    for (const speed of [0, 1, 2, 10, 50, 'max'] as const) {
      add(
        'session',
        `speed.${speed}`,
        speed === 0
          ? t('action.pause')
          : t('action.speed', { speed: speed === 'max' ? t('session.max') : `${speed}×` }),
        [],
        () => setReplaySpeed(runtime, speed),
      );
    }
  }
  for (const { name } of processes) {
    add(
      'session',
      `restart.${name}`,
      t('action.restart', { name: t(`process.${name}`) }),
      [],
      () => void runtime.host.restartProcess(name),
    );
  }

  add('settings', 'settings', t('action.settings'), ['Ctrl+,'], () => openDialog('settings'));
  add(
    'settings',
    'theme',
    t(settings.theme === 'dark' ? 'action.light' : 'action.dark'),
    ['Shift+T'],
    () => void runtime.saveSettings({ theme: useHostStore.getState().settings.theme === 'dark' ? 'light' : 'dark' }),
  );
  add(
    'settings',
    'language',
    settings.language === 'en' ? '언어: 한국어로 전환' : 'Language: switch to English',
    ['Shift+L'],
    () => void runtime.saveSettings({ language: useHostStore.getState().settings.language === 'en' ? 'ko' : 'en' }),
  );
  return actions;
}

function stepInstrument(runtime: Runtime, by: number): void {
  const state = useTradingStore.getState();
  const subscribed = subscribedInstruments(state);
  if (subscribed.length < 2) return;
  const at = subscribed.findIndex((spec) => spec.index === state.instrument);
  const next = subscribed[(at + by + subscribed.length) % subscribed.length];
  if (next) void selectInstrument(runtime, next.index);
}
