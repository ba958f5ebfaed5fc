import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type FaultCommand,
  type FaultGroup,
  type FaultName,
  type FaultStatus,
  faultGroups,
} from '../../engine/contract/fault-menu.ts';
import { isMarketProtocol, type MarketProtocol, marketProtocols } from '../../engine/contract/market-protocol.ts';
import { useRuntime } from '../app/runtime.ts';
import { errorText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { subscribedInstruments, useTradingStore } from '../stores/trading-store.ts';
import { counts, lasts } from './fault-fields.ts';

/** A fault comes and goes while one looks. */
const POLL_MS = 500;

/** Tells the simulated venue to misbehave, and shows what each planted fault has hit. For developers. */
export function FaultPanel(): ReactElement {
  const { t } = useTranslation();
  const simulated = useTradingStore((state) => state.source.kind === 'sim');
  return (
    <div className="panel fault-panel" data-testid="fault-panel">
      {simulated ? <FaultMenu /> : <p className="empty">{t('faults.none')}</p>}
    </div>
  );
}

function FaultMenu(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const instruments = useTradingStore((state) => state.instruments);
  const removed = useTradingStore((state) => state.removed);
  const session = useTradingStore((state) => state.session);
  const [fault, setFault] = useState<FaultName>('gap');
  const [protocol, setProtocol] = useState('');
  const [symbol, setSymbol] = useState('');
  const [count, setCount] = useState('1');
  const [duration, setDuration] = useState('5000');
  const [faults, setFaults] = useState<FaultStatus[]>([]);
  const [refusal, setRefusal] = useState('');

  // biome-ignore lint/correctness/useExhaustiveDependencies: another session is another venue
  useEffect(() => {
    let wanted = true;
    const ask = () =>
      runtime.host.venueFault().then(
        (list) => wanted && setFaults(list),
        (error: unknown) => wanted && setRefusal(errorText(error)),
      );
    void ask();
    const timer = setInterval(() => void ask(), POLL_MS);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [runtime, session]);

  const specs = subscribedInstruments({ instruments, removed });
  const spoken = new Set(specs.map((spec) => spec.venue));
  const protocols = marketProtocols.filter((one) => spoken.has(one));
  const symbols = [...new Set(specs.filter((spec) => !protocol || spec.venue === protocol).map((spec) => spec.symbol))];
  const durationUsed = lasts(fault);
  const countUsed = counts(fault);
  const error =
    countUsed && !(Number.isSafeInteger(Number(count)) && Number(count) >= 1)
      ? t('faults.countError', { value: count })
      : durationUsed && !(Number(duration) > 0)
        ? t('faults.durationError', { value: duration })
        : '';

  const plant = async () => {
    const command: FaultCommand = {
      fault,
      ...(isMarketProtocol(protocol) ? { protocol } : {}),
      ...(symbol ? { symbol } : {}),
      ...(countUsed ? { count: Number(count) } : {}),
      ...(durationUsed ? { durationMs: Number(duration) } : {}),
    };
    try {
      setFaults(await runtime.host.venueFault(command));
      setRefusal('');
    } catch (reason) {
      setRefusal(errorText(reason));
    }
  };

  return (
    <>
      <form
        className="fault-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (error === '') void plant();
        }}
      >
        <label className="fault-field wide">
          <span>{t('faults.fault')}</span>
          <select
            data-testid="fault-name"
            value={fault}
            onChange={(event) => setFault(event.target.value as FaultName)}
          >
            {(Object.keys(faultGroups) as FaultGroup[]).map((group) => (
              <optgroup key={group} label={t(`faults.group.${group}`)}>
                {faultGroups[group].map((name) => (
                  <option key={name} value={name}>
                    {t(`faults.name.${name}`)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <label className="fault-field">
          <span>{t('faults.protocol')}</span>
          <select
            data-testid="fault-protocol"
            value={protocol}
            onChange={(event) => {
              setProtocol(event.target.value);
              setSymbol('');
            }}
          >
            <option value="">{t('faults.all')}</option>
            {protocols.map((one: MarketProtocol) => (
              <option key={one} value={one}>
                {venueName(one)}
              </option>
            ))}
          </select>
        </label>
        <label className="fault-field">
          <span>{t('faults.symbol')}</span>
          <select data-testid="fault-symbol" value={symbol} onChange={(event) => setSymbol(event.target.value)}>
            <option value="">{t('faults.all')}</option>
            {symbols.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label className="fault-field short">
          <span>{t('faults.count')}</span>
          <input
            className="num"
            inputMode="numeric"
            data-testid="fault-count"
            disabled={!countUsed}
            value={countUsed ? count : ''}
            onChange={(event) => setCount(event.target.value)}
          />
        </label>
        <label className="fault-field short">
          <span>{t('faults.duration')}</span>
          <span className="row">
            <input
              className="num"
              inputMode="numeric"
              data-testid="fault-duration"
              disabled={!durationUsed}
              value={durationUsed ? duration : ''}
              onChange={(event) => setDuration(event.target.value)}
            />
            <span className="unit">ms</span>
          </span>
        </label>
        <button type="submit" className="primary" data-testid="fault-plant" disabled={error !== ''}>
          {t('faults.plant')}
        </button>
      </form>
      {(error || refusal) && (
        <p className="fault-error form-error" role="alert" data-testid="fault-error">
          {error || `${t('faults.refused')}: ${refusal}`}
        </p>
      )}
      <div className="table-scroll">
        <table className="num">
          <thead>
            <tr>
              <th>#</th>
              <th>{t('faults.fault')}</th>
              <th>{t('faults.protocol')}</th>
              <th>{t('faults.symbol')}</th>
              <th className="right">{t('faults.hits')}</th>
              <th>{t('faults.state')}</th>
            </tr>
          </thead>
          <tbody>
            {[...faults].reverse().map((status) => (
              <FaultRow key={status.id} status={status} />
            ))}
          </tbody>
        </table>
        {faults.length === 0 && <p className="empty">{t('faults.empty')}</p>}
      </div>
    </>
  );
}

function FaultRow({ status }: { status: FaultStatus }): ReactElement {
  const { t } = useTranslation();
  return (
    <tr
      className={status.active ? '' : 'done'}
      data-testid="fault-row"
      data-fault={status.fault}
      data-hits={status.hits}
      data-active={status.active}
    >
      <td className="narrow">{status.id}</td>
      <td>{t(`faults.name.${status.fault}`)}</td>
      <td>{status.protocol ? venueName(status.protocol) : t('faults.all')}</td>
      <td>{status.symbol ?? t('faults.all')}</td>
      <td className="right">
        {status.hits}
        {status.count !== undefined && counts(status.fault) && <span className="dim"> / {status.count}</span>}
      </td>
      <td>
        <span className={status.active ? 'badge warning' : 'badge'}>
          {t(status.active ? 'faults.active' : 'faults.over')}
        </span>
      </td>
    </tr>
  );
}
