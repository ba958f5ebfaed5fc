import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHostStore } from '../stores/host-store.ts';
import { openDialog, showToast } from '../stores/ui-store.ts';
import { Dialog } from './dialog.tsx';
import { FeedsField } from './feeds-field.tsx';
import { useRuntime } from './runtime.ts';
import { draftOf, type SessionDraft, sourceOf } from './session-draft.ts';
import { ReplayFields } from './session-replay.tsx';

/** Chooses what is traded: the simulated venue, the public data of real ones, or a recording. */
export function SessionDialog(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const [draft, setDraft] = useState<SessionDraft>(() => draftOf(useHostStore.getState().settings.source));
  const change = (patch: Partial<SessionDraft>) => setDraft((before) => ({ ...before, ...patch }));
  const made = sourceOf(draft);

  const start = async () => {
    if ('error' in made) return;
    if (await runtime.saveSettings({ source: made.source })) {
      openDialog(null);
      showToast('info', t('session.starting'));
    }
  };

  return (
    <Dialog title={t('session.title')} testId="session-dialog" className="session">
      <div className="segmented wide">
        {(['sim', 'live', 'replay'] as const).map((choice) => (
          <button
            key={choice}
            type="button"
            data-testid={`session-${choice}`}
            aria-pressed={draft.kind === choice}
            onClick={() => change({ kind: choice })}
          >
            {t(`session.${choice}`)}
          </button>
        ))}
      </div>
      <p className="dim note">{t(`session.${draft.kind}Help`)}</p>
      {draft.kind === 'sim' && (
        <>
          <label className="form-row">
            <span className="form-label">{t('session.seed')}</span>
            <input
              className="num"
              data-testid="session-seed"
              value={draft.seed}
              onChange={(event) => change({ seed: event.target.value })}
            />
          </label>
          <label className="form-row tall" title={t('session.tradedHelp')}>
            <span className="form-label">{t('session.traded')}</span>
            <input
              data-testid="session-symbols"
              spellCheck={false}
              placeholder="BTCUSDT, ETHUSDT"
              value={draft.symbols}
              onChange={(event) => change({ symbols: event.target.value })}
            />
          </label>
          <div className="form-row tall top" title={t('session.simFeedsHelp')}>
            <span className="form-label">{t('session.simFeeds')}</span>
            <FeedsField
              feeds={draft.simFeeds}
              testId="session-sim-feeds"
              slowPath={false}
              required={false}
              onChange={(simFeeds) => change({ simFeeds })}
            />
          </div>
          <p className="dim note">{t('session.simFeedsHelp')}</p>
        </>
      )}
      {draft.kind === 'live' && (
        <>
          <FeedsField
            feeds={draft.liveFeeds}
            testId="session-live-feeds"
            slowPath
            required
            onChange={(liveFeeds) => change({ liveFeeds })}
          />
          <p className="dim note">{t('session.liveNote')}</p>
        </>
      )}
      {draft.kind === 'replay' && <ReplayFields draft={draft} onChange={change} />}
      <div className="form-actions">
        <span className="form-error grow">
          {'error' in made ? t(`session.${made.error.key}`, { value: made.error.value }) : ''}
        </span>
        <button
          type="button"
          className="primary"
          data-testid="session-start"
          disabled={'error' in made}
          onClick={() => void start()}
        >
          {t('session.start')}
        </button>
      </div>
    </Dialog>
  );
}
