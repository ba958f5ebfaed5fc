import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FeedStats } from '../../engine/contract/trading-messages.ts';
import { Popover } from '../app/popover.tsx';
import { useRuntime } from '../app/runtime.ts';
import { venueName } from '../i18n/venue-name.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { readThemeColors } from '../styles/theme-colors.ts';
import { feedLagNs, formatLagNs, formatOffsetNs, lagTrend } from './feed-timing.ts';

const ARROWS = { rising: '↗', steady: '→', falling: '↘' } as const;
const CHART_WIDTH_PX = 350;
const CHART_HEIGHT_PX = 54;

/** How late the market on screen is, where that goes, and how far the clock of its venue is from ours. */
export function FeedTimingBadge(): ReactElement | null {
  const { t } = useTranslation();
  const feed = useTradingStore((state) => (state.connected ? state.stats?.feed[state.instrument] : undefined));
  const known = feed !== undefined && feed.feedLagNs !== 0;
  const trend = lagTrend(feed?.lagSlopeNsPerS);
  const alarm = feed?.lagAlarm === true;
  const lag = known ? formatLagNs(feedLagNs(feed)) : t('timing.unknown');
  const clock = feed?.clock;
  const title = [
    `${t('timing.lagHelp')} · ${t(clock ? 'timing.offsetRemoved' : 'timing.offsetUnknown')}`,
    `${t('timing.offsetHelp')}${clock ? ` · ${t(`timing.source.${clock.source}`)}` : ''}`,
    alarm && t('timing.alarm'),
  ]
    .filter(Boolean)
    .join('\n');
  return (
    <Popover
      testId="feed-timing"
      className={alarm ? 'feed-timing alarm' : 'feed-timing'}
      label={t('timing.open')}
      title={title}
      data={{
        'data-lag-ns': known ? Math.round(feedLagNs(feed)) : '',
        'data-offset-ns': clock?.offsetNs ?? '',
        'data-error-ns': clock?.errorNs ?? '',
        'data-trend': trend,
        'data-alarm': alarm,
      }}
      button={
        <>
          <span className="dim">{t('timing.lag')}</span>
          <b className="timing-lag">{lag}</b>
          <span className={`timing-trend ${trend}`}>{known ? ARROWS[trend] : ''}</span>
          <span className="dim">{t('timing.clock')}</span>
          <b className="timing-clock">{clock ? formatOffsetNs(clock.offsetNs) : t('timing.unknown')}</b>
          <span className="timing-error dim">{clock ? `±${formatLagNs(clock.errorNs)}` : ''}</span>
        </>
      }
    >
      {() => (feed ? <FeedTimingDetails feed={feed} /> : <p className="empty">{t('timing.unknown')}</p>)}
    </Popover>
  );
}

function FeedTimingDetails({ feed }: { feed: FeedStats }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const spec = useTradingStore(currentInstrument);
  const canvas = useRef<HTMLCanvasElement>(null);
  const lagsNs = spec ? runtime.lagHistory.lagsNs(spec.index) : [];
  const least = Math.min(...lagsNs);
  const most = Math.max(...lagsNs);
  // The stats that rendered this brought the newest sample.
  useEffect(() => {
    if (canvas.current) drawLags(canvas.current, lagsNs, least, most, feed.lagAlarm === true);
  });
  const { clock } = feed;
  const trend = lagTrend(feed.lagSlopeNsPerS);
  const rows: [string, string, string][] = [
    [t('timing.lag'), formatLagNs(feedLagNs(feed)), t(clock ? 'timing.offsetRemoved' : 'timing.offsetUnknown')],
    [
      t('timing.slope'),
      feed.lagSlopeNsPerS === undefined
        ? t('timing.unknown')
        : t('timing.slopeUnit', { value: (feed.lagSlopeNsPerS / 1e6).toFixed(1).replace('-', '−') }),
      t(`timing.trend.${trend}`),
    ],
    [t('timing.raw'), formatLagNs(feed.feedLagNs), t('timing.lagHelp')],
    [t('timing.offset'), clock ? formatOffsetNs(clock.offsetNs) : t('timing.unknown'), t('timing.offsetHelp')],
    [
      t('timing.error'),
      clock ? `±${formatLagNs(clock.errorNs)}` : t('timing.unknown'),
      clock ? t(`timing.source.${clock.source}`) : '',
    ],
  ];
  return (
    <div className="details num">
      <header className="details-head">
        <h3>{t('timing.title')}</h3>
        <span className="dim">{spec && `${venueName(spec.venue)} · ${spec.symbol}`}</span>
      </header>
      <p className={feed.lagAlarm ? 'details-state alarm' : 'details-state'}>
        <b>{feed.lagAlarm ? t('timing.alarm') : t('timing.ok')}</b>
      </p>
      <dl className="details-rows">
        {rows.map(([name, value, help]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <dd className="dim">{help}</dd>
          </div>
        ))}
      </dl>
      {lagsNs.length > 1 && (
        <figure className="lag-history">
          <figcaption className="dim">
            {t('timing.history')} · {t('timing.least', { value: formatLagNs(least) })} ·{' '}
            {t('timing.most', { value: formatLagNs(most) })}
          </figcaption>
          <canvas ref={canvas} width={CHART_WIDTH_PX * 2} height={CHART_HEIGHT_PX * 2} />
        </figure>
      )}
    </div>
  );
}

/** A line through the lags, the newest at the right, from the least of them to the most. */
function drawLags(canvas: HTMLCanvasElement, lagsNs: number[], least: number, most: number, alarm: boolean): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const colors = readThemeColors();
  const { width, height } = canvas;
  const span = Math.max(most - least, 1);
  context.clearRect(0, 0, width, height);
  context.strokeStyle = alarm ? colors.state.gap : colors.accent;
  context.lineWidth = 2;
  context.beginPath();
  for (const [i, lag] of lagsNs.entries()) {
    const x = (i / (lagsNs.length - 1)) * width;
    const y = height - 3 - ((lag - least) / span) * (height - 6);
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.stroke();
}
