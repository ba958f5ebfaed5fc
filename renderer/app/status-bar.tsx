import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProcessStatus } from '../../engine/contract/process.ts';
import { engineText } from '../i18n/engine-text.ts';
import { formatBytes, formatCount, formatDurationNs, formatMoney, moneyClass } from '../panels/format.ts';
import { IntegrityBadge } from '../panels/integrity-badge.tsx';
import { FeedTimingBadge } from '../profiling/feed-timing-badge.tsx';
import { useHostStore } from '../stores/host-store.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { setReplaySpeed } from './order-actions.ts';
import { useRuntime } from './runtime.ts';

/** Host, processes, feed, storage, latency, profit of the day, clock. */
export function StatusBar(): ReactElement {
  const { t } = useTranslation();
  const info = useHostStore((state) => state.info);
  const processes = useHostStore((state) => state.processes);
  return (
    <footer className="status-bar num">
      <span data-testid="status-host" data-host={info.host} title={`${info.platform} · ${info.version}`}>
        {t(`host.${info.host}`)} {info.version}
      </span>
      {processes.map((status) => (
        <ProcessBadge key={status.name} status={status} />
      ))}
      <IntegrityBadge testId="status-feed">
        <span className="dim">{t('status.feed')}</span>
      </IntegrityBadge>
      <FeedTimingBadge />
      <StorageBadge />
      <ReplayControls />
      <span className="spacer" />
      <Latency />
      <DayPnl />
      <Clock />
    </footer>
  );
}

function ProcessBadge({ status }: { status: ProcessStatus }): ReactElement {
  const { t } = useTranslation();
  const health = status.health;
  const title = [
    `${t(`process.${status.name}`)}: ${t(`processState.${status.state}`)}`,
    `pid ${status.pid} · ${t('status.restarts', { count: status.restarts })}`,
    health &&
      `CPU ${(health.cpuFraction * 100).toFixed(0)} % · RSS ${formatBytes(health.rssBytes)} · ${t('status.loop')} p99 ${health.loopDelayP99Ms.toFixed(1)} ms`,
    engineText(status.detail),
  ]
    .filter(Boolean)
    .join('\n');
  return (
    <span
      className={`process ${status.state}`}
      data-testid={`status-process-${status.name}`}
      data-state={status.state}
      data-pid={status.pid}
      data-restarts={status.restarts}
      title={title}
    >
      <span className="dot" />
      {t(`process.${status.name}`)}
      {health && <span className="dim fixed-cpu">{(health.cpuFraction * 100).toFixed(0)} %</span>}
    </span>
  );
}

function StorageBadge(): ReactElement {
  const { t } = useTranslation();
  const connected = useHostStore((state) => state.storageConnected);
  const storage = useHostStore((state) => state.storage);
  const state = connected ? (storage?.state ?? 'starting') : 'down';
  return (
    <span
      className={`storage ${state}`}
      data-testid="status-storage"
      data-state={state}
      data-backlog={storage?.backlog ?? ''}
      data-rows={storage?.rows ?? ''}
      title={[storage?.server, storage?.reason, storage && `${t('status.rows')} ${formatCount(storage.rows)}`]
        .filter(Boolean)
        .join('\n')}
    >
      <span className="dot" />
      {t(`storageState.${state}`)}
      {storage && connected && (
        <span className="dim">
          {t('status.rowsShort', { rows: formatCount(storage.rows) })}
          {storage.backlog > 0
            ? ` · ${t('status.backlog', { count: storage.backlog, shown: formatCount(storage.backlog) })}`
            : ''}
        </span>
      )}
    </span>
  );
}

/** 0 stands still. */
const SPEEDS = [0, 1, 2, 10, 50, 'max'] as const;

function ReplayControls(): ReactElement | null {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const replay = useTradingStore((state) => state.stats?.replay);
  if (!replay) return null;
  const percent = Math.round(replay.fraction * 1000) / 10;
  return (
    <span
      className="replay"
      data-testid="status-replay"
      data-fraction={replay.fraction}
      data-finished={replay.finished}
      title={replay.file}
    >
      <progress max={1} value={replay.fraction} />
      <span>{replay.finished ? t('status.replayDone') : `${percent.toFixed(1)} %`}</span>
      <select
        aria-label={t('session.speed')}
        data-testid="replay-speed"
        value={String(replay.speed)}
        onChange={(event) => setReplaySpeed(runtime, event.target.value === 'max' ? 'max' : Number(event.target.value))}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={String(speed)}>
            {speed === 'max' ? t('session.max') : speed === 0 ? t('session.paused') : `${speed}×`}
          </option>
        ))}
      </select>
    </span>
  );
}

function Latency(): ReactElement {
  const { t } = useTranslation();
  const latency = useTradingStore((state) => state.stats?.latencyNs['tickToOrder']);
  return (
    <span
      data-testid="status-latency"
      data-p50={latency?.p50 ?? ''}
      data-p99={latency?.p99 ?? ''}
      title={t('status.latencyHelp')}
    >
      <span className="dim">{t('status.tickToOrder')}</span>{' '}
      {latency && latency.count > 0 ? `${formatDurationNs(latency.p50)} / ${formatDurationNs(latency.p99)}` : '–'}
    </span>
  );
}

function DayPnl(): ReactElement {
  const { t } = useTranslation();
  const positions = useTradingStore((state) => state.positions);
  const quote = useTradingStore((state) => state.instruments[state.instrument]?.quoteAsset ?? '');
  let net = 0;
  for (const position of Object.values(positions)) net += position.realizedPnl + position.unrealizedPnl - position.fees;
  return (
    <span data-testid="status-pnl" data-net={net} title={t('status.pnlHelp')}>
      <span className="dim">{t('status.pnl')}</span> <b className={moneyClass(net)}>{formatMoney(net, true)}</b>{' '}
      <span className="dim">{quote}</span>
    </span>
  );
}

function Clock(): ReactElement {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span className="clock">{now.toLocaleTimeString('en-GB')}</span>;
}
