import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { marketProtocols } from '../../engine/contract/market-protocol.ts';
import type { SymbolMatch, SymbolSearchResult } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { engineText, errorText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { subscribedInstruments, useTradingStore } from '../stores/trading-store.ts';
import { openDialog } from '../stores/ui-store.ts';
import { selectInstrument } from './order-actions.ts';
import { useRuntime } from './runtime.ts';
import { addSymbol, removeSymbol } from './symbol-actions.ts';
import { MatchOption, SubscribedOption } from './symbol-option.tsx';
import { matchInstruments, type SearchState, SymbolSearch, searchTerms } from './symbol-search.ts';

/** Symbols asked for at once; who looks for another types more of its name. */
const LIMIT = 60;

type Option = { key: string; spec: InstrumentSpec } | { key: string; match: SymbolMatch };

/** Every symbol of every venue of the session, keyboard first: subscribed ones on top, the others a key press away. */
export function SymbolSwitcher(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [selected, setSelected] = useState(() => {
    const state = useTradingStore.getState();
    return Math.max(
      0,
      subscribedInstruments(state).findIndex((spec) => spec.index === state.instrument),
    );
  });
  const [found, setFound] = useState<SearchState>({ text: '', searching: true, result: null, error: '' });
  const [busy, setBusy] = useState('');
  const [error, setError] = useState('');
  const instruments = useTradingStore((state) => state.instruments);
  const removed = useTradingStore((state) => state.removed);
  const venues = useMemo(() => marketProtocols.map((id) => ({ id, name: venueName(id) })), []);

  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);

  const search = useMemo(
    () =>
      new SymbolSearch(
        async ({ text, venue }) =>
          (await runtime.trading.request({
            kind: 'searchSymbols',
            text,
            limit: LIMIT,
            ...(venue ? { venue } : {}),
          })) as SymbolSearchResult,
        setFound,
      ),
    [runtime],
  );
  useEffect(() => () => search.dispose(), [search]);
  useEffect(() => {
    search.query(typed, searchTerms(typed, venues), typed === '' ? 0 : undefined);
  }, [search, typed, venues]);

  const subscribed = matchInstruments(subscribedInstruments({ instruments, removed }), typed, venueName);
  const known = new Set(subscribedInstruments({ instruments, removed }).map((spec) => `${spec.venue} ${spec.symbol}`));
  const matches = (found.result?.matches ?? []).filter((match) => !known.has(`${match.venue} ${match.symbol}`));
  const options: Option[] = [
    ...subscribed.map((spec) => ({ key: `${spec.venue} ${spec.symbol}`, spec })),
    ...matches.map((match) => ({ key: `${match.venue} ${match.symbol}`, match })),
  ];
  const at = Math.min(selected, options.length - 1);
  const current = options[at];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });

  const choose = async (option: Option | undefined) => {
    if (!option || busy !== '') return;
    setError('');
    if ('spec' in option) {
      openDialog(null);
      await selectInstrument(runtime, option.spec.index);
      return;
    }
    setBusy(option.key);
    try {
      await addSymbol(runtime, option.match.venue, option.match.symbol);
      openDialog(null);
    } catch (refusal) {
      setError(`${t('switcher.addRefused', { symbol: option.match.symbol })}: ${errorText(refusal)}`);
    } finally {
      setBusy('');
    }
  };

  const remove = async (option: Option | undefined) => {
    if (!option || !('spec' in option) || busy !== '') return;
    setError('');
    setBusy(option.key);
    try {
      await removeSymbol(runtime, option.spec);
    } catch (refusal) {
      setError(`${t('switcher.removeRefused', { symbol: option.spec.symbol })}: ${errorText(refusal)}`);
    } finally {
      setBusy('');
    }
  };

  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (options.length === 0) return;
      const next = Math.abs(step) === 1 ? (at + step + options.length) % options.length : at + step;
      setSelected(Math.max(0, Math.min(options.length - 1, next)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      void choose(current);
    } else if (event.key === 'Delete' && event.shiftKey) {
      event.preventDefault();
      void remove(current);
    }
  };

  const optionProps = (option: Option, index: number) => ({
    selected: index === at,
    busy: busy === option.key,
    onPoint: () => setSelected(index),
    onChoose: () => void choose(option),
  });
  const unavailable = found.result?.unavailable ?? [];

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes the native dialog
    <dialog
      ref={dialog}
      className="dialog switcher"
      data-testid="symbol-switcher"
      data-searching={found.searching}
      aria-label={t('switcher.title')}
      onCancel={(event) => {
        event.preventDefault();
        openDialog(null);
      }}
      onClick={(event) => {
        if (event.target === dialog.current) openDialog(null);
      }}
    >
      <input
        autoFocus
        className="switcher-input"
        data-testid="symbol-search"
        spellCheck={false}
        placeholder={t('switcher.placeholder')}
        aria-label={t('switcher.placeholder')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setSelected(0);
          setError('');
        }}
        onKeyDown={onKey}
      />
      <div className="switcher-list num" ref={list} role="listbox" aria-label={t('switcher.title')}>
        {subscribed.length > 0 && <h3>{t('switcher.subscribed')}</h3>}
        {options.map((option, index) =>
          'spec' in option ? (
            <SubscribedOption
              key={option.key}
              spec={option.spec}
              {...optionProps(option, index)}
              onRemove={() => void remove(option)}
            />
          ) : (
            <div key={option.key}>
              {index === subscribed.length && (
                <h3>
                  {t('switcher.all')}
                  <span className="dim">
                    {t('switcher.count', { shown: matches.length, total: found.result?.total ?? matches.length })}
                  </span>
                </h3>
              )}
              <MatchOption match={option.match} {...optionProps(option, index)} />
            </div>
          ),
        )}
        {options.length === 0 && !found.searching && !found.error && <p className="empty">{t('switcher.empty')}</p>}
        {options.length === 0 && found.searching && <p className="empty">{t('switcher.searching')}</p>}
        {unavailable.length > 0 && (
          <section className="switcher-unavailable" data-testid="symbol-unavailable">
            <h3>{t('switcher.unavailable')}</h3>
            {unavailable.map(({ venue, reason }) => (
              <p key={venue}>
                <b>{venueName(venue)}</b> <span className="dim">{engineText(reason)}</span>
              </p>
            ))}
          </section>
        )}
      </div>
      <footer className="switcher-foot">
        {error || found.error ? (
          <span className="form-error" role="alert" data-testid="symbol-error">
            {error || `${t('switcher.failed')}: ${engineText(found.error)}`}
          </span>
        ) : (
          <span className="dim">{t('switcher.keys')}</span>
        )}
      </footer>
    </dialog>
  );
}
