import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engineText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { formatBytes, formatCount } from '../panels/format.ts';
import { dismissIncident, type Incident, useUiStore } from '../stores/ui-store.ts';
import { STORE_INCIDENT } from './store-watch.ts';

/**
 * What is down or critical, since when; it leaves only when it is over. It has its place in the top bar and grows over the
 * panels: it must never push the ladder's rows away under the pointer.
 */
export function Banner(): ReactElement {
  const { t } = useTranslation();
  const incidents = useUiStore((state) => state.incidents);
  const processes = useHostStore((state) => state.processes);
  const storage = useHostStore((state) => state.storage);
  /** In the language of now: an incident can outlast it. */
  const titleOf = (incident: Incident): string => {
    if (incident.key === STORE_INCIDENT) return t('banner.store');
    const status = processes.find(({ name }) => incident.key === `process:${name}`);
    if (!status) return incident.title;
    const name = t(`process.${status.name}`);
    return t(status.state === 'failed' ? 'banner.process.failed' : 'banner.process.down', { name });
  };
  /** Of a store that is away, with what waits for it. */
  const textOf = (incident: Incident): string => {
    const reason = engineText(incident.text);
    if (incident.key !== STORE_INCIDENT || incident.overMs !== null || !storage) return reason;
    const waiting = { records: formatCount(storage.backlog), bytes: formatBytes(storage.backlogBytes ?? 0) };
    return [t('banner.storeWaits', waiting), reason].filter(Boolean).join(' · ');
  };
  const [, setNow] = useState(0);
  const open = incidents.some((incident) => incident.overMs === null);
  useEffect(() => {
    if (!open) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [open]);
  return (
    <div className={incidents.length > 0 ? 'banners busy' : 'banners'}>
      <div className="banner-list">
        {incidents.slice(0, 4).map((incident) => {
          const over = incident.overMs !== null;
          const seconds = Math.max(0, ((incident.overMs ?? Date.now()) - incident.sinceMs) / 1000);
          const since = new Date(incident.sinceMs).toLocaleTimeString('en-GB');
          const lasted =
            incident.kind === 'alert'
              ? since
              : t(over ? 'banner.lasted' : 'banner.since', { since, seconds: seconds.toFixed(1) });
          return (
            <div
              key={incident.key}
              className={`banner ${incident.kind} ${over ? 'over' : 'open'}`}
              data-testid="banner"
              data-kind={incident.kind}
              data-key={incident.key}
              data-over={over}
              role="alert"
              title={textOf(incident)}
            >
              <b>{titleOf(incident)}</b>
              <span className="banner-text">{textOf(incident)}</span>
              <span className="num">
                {over && incident.kind !== 'alert' ? `${t('banner.over')} · ${lasted}` : lasted}
              </span>
              <button
                type="button"
                className="quiet small"
                disabled={!over}
                data-testid="banner-dismiss"
                onClick={() => dismissIncident(incident.key)}
              >
                {t('banner.dismiss')}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
