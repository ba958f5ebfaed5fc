import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHostStore } from '../stores/host-store.ts';
import { openDialog } from '../stores/ui-store.ts';
import { command } from './commands.ts';
import { Dialog } from './dialog.tsx';
import { useRuntime } from './runtime.ts';

/** Names, loads and deletes layouts. */
export function LayoutDialog(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const layouts = useHostStore((state) => state.settings.layouts);
  const [name, setName] = useState('');
  const names = Object.keys(layouts).filter((key) => key !== 'current');
  const valid = name.trim() !== '' && name.trim() !== 'current';
  return (
    <Dialog title={t('layout.title')} testId="layout-dialog">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!valid) return;
          command('layout.save', name.trim());
          openDialog(null);
        }}
      >
        <input
          className="grow"
          data-testid="layout-name"
          placeholder={t('layout.name')}
          value={name}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="primary" disabled={!valid} data-testid="layout-save">
          {t('layout.save')}
        </button>
      </form>
      <ul className="layout-list">
        {names.map((saved) => (
          <li key={saved}>
            <span className="grow">{saved}</span>
            <button
              type="button"
              className="quiet"
              onClick={() => {
                command('layout.load', saved);
                openDialog(null);
              }}
            >
              {t('layout.load')}
            </button>
            <button
              type="button"
              className="icon"
              aria-label={t('layout.delete')}
              onClick={() => {
                const { [saved]: _gone, ...rest } = layouts;
                void runtime.saveSettings({ layouts: rest });
              }}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="quiet"
        data-testid="layout-reset"
        onClick={() => {
          command('layout.reset');
          openDialog(null);
        }}
      >
        {t('layout.reset')}
      </button>
    </Dialog>
  );
}
