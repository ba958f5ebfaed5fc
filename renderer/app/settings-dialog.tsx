import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../engine/contract/settings.ts';
import { useHostStore } from '../stores/host-store.ts';
import { ConnectionCheck } from './connection-check.tsx';
import { Dialog } from './dialog.tsx';
import { EngineSettings } from './engine-settings.tsx';
import { RedisSettingsForm } from './redis-settings-form.tsx';
import { useRuntime } from './runtime.ts';
import { VenueAddresses } from './venue-addresses.tsx';

/** Language, theme, the engine and what it asks of the operating system, storage, addresses of venues. */
export function SettingsDialog(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const settings = useHostStore((state) => state.settings);
  const [url, setUrl] = useState('');
  const save = (patch: Partial<Settings>) => runtime.saveSettings(patch);
  return (
    <Dialog title={t('settings.title')} testId="settings-dialog" className="settings">
      <label className="form-row">
        <span className="form-label">{t('settings.language')}</span>
        <select
          data-testid="settings-language"
          value={settings.language}
          onChange={(event) => void save({ language: event.target.value as Settings['language'] })}
        >
          <option value="en">English</option>
          <option value="ko">한국어</option>
        </select>
      </label>
      <label className="form-row">
        <span className="form-label">{t('settings.theme')}</span>
        <select
          data-testid="settings-theme"
          value={settings.theme}
          onChange={(event) => void save({ theme: event.target.value as Settings['theme'] })}
        >
          <option value="dark">{t('settings.dark')}</option>
          <option value="light">{t('settings.light')}</option>
        </select>
      </label>
      <EngineSettings save={save} />
      <h3 className="form-heading">{t('settings.storage')}</h3>
      <form
        className="form-row tall"
        onSubmit={(event) => {
          event.preventDefault();
          void save({ postgresUrl: url.trim() });
          setUrl('');
        }}
      >
        <span className="form-label">{t('settings.postgres')}</span>
        <span className="row grow">
          <input
            className="grow"
            value={url}
            placeholder={settings.postgresUrl || t('settings.postgresEmbedded')}
            onChange={(event) => setUrl(event.target.value)}
          />
          <button type="submit" className="quiet" disabled={url.trim() === settings.postgresUrl}>
            {url.trim() === '' ? t('settings.postgresUseEmbedded') : t('form.save')}
          </button>
        </span>
      </form>
      <ConnectionCheck server="postgres" />
      <RedisSettingsForm save={save} />
      <ConnectionCheck server="redis" />
      <p className="dim note">{t('settings.note')}</p>
      <VenueAddresses save={save} />
    </Dialog>
  );
}
