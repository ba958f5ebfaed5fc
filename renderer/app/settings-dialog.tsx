import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../engine/contract/settings.ts';
import { useHostStore } from '../stores/host-store.ts';
import { Dialog } from './dialog.tsx';
import { useRuntime } from './runtime.ts';

/** Language, theme, storage, waiting. */
export function SettingsDialog(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const settings = useHostStore((state) => state.settings);
  const [url, setUrl] = useState('');
  const save = (patch: Partial<Settings>) => void runtime.saveSettings(patch);
  return (
    <Dialog title={t('settings.title')} testId="settings-dialog">
      <label className="form-row">
        <span className="form-label">{t('settings.language')}</span>
        <select
          data-testid="settings-language"
          value={settings.language}
          onChange={(event) => save({ language: event.target.value as Settings['language'] })}
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
          onChange={(event) => save({ theme: event.target.value as Settings['theme'] })}
        >
          <option value="dark">{t('settings.dark')}</option>
          <option value="light">{t('settings.light')}</option>
        </select>
      </label>
      <label className="form-row" title={t('settings.waitHelp')}>
        <span className="form-label">{t('settings.wait')}</span>
        <select
          value={settings.waitStrategy}
          onChange={(event) => save({ waitStrategy: event.target.value as Settings['waitStrategy'] })}
        >
          {(['block', 'hybrid', 'spin'] as const).map((wait) => (
            <option key={wait} value={wait}>
              {t(`settings.waitStrategy.${wait}`)}
            </option>
          ))}
        </select>
      </label>
      <form
        className="form-row tall"
        onSubmit={(event) => {
          event.preventDefault();
          save({ postgresUrl: url.trim() });
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
      <p className="dim note">{t('settings.note')}</p>
    </Dialog>
  );
}
