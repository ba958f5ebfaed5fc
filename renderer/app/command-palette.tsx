import { Command } from 'cmdk';
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { openDialog } from '../stores/ui-store.ts';
import { type ActionGroup, listActions } from './actions.ts';
import { useRuntime } from './runtime.ts';

const GROUPS: ActionGroup[] = ['trading', 'view', 'symbols', 'panels', 'layouts', 'session', 'settings'];

/** Every action by name. */
export function CommandPalette(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const dialog = useRef<HTMLDialogElement>(null);
  const actions = useMemo(() => listActions(runtime), [runtime]);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes the native dialog
    <dialog
      ref={dialog}
      className="dialog palette"
      data-testid="palette"
      aria-label={t('action.palette')}
      onCancel={(event) => {
        event.preventDefault();
        openDialog(null);
      }}
      onClick={(event) => {
        if (event.target === dialog.current) openDialog(null);
      }}
    >
      <Command label={t('action.palette')} loop>
        <Command.Input autoFocus placeholder={t('palette.placeholder')} data-testid="palette-input" />
        <Command.List>
          <Command.Empty>{t('palette.empty')}</Command.Empty>
          {GROUPS.map((group) => (
            <Command.Group key={group} heading={t(`actionGroup.${group}`)}>
              {actions
                .filter((action) => action.group === group)
                .map((action) => (
                  <Command.Item
                    key={action.id}
                    value={`${action.label} ${action.id}`}
                    onSelect={() => {
                      openDialog(null);
                      action.run();
                    }}
                  >
                    <span>{action.label}</span>
                    {action.keys[0] && <kbd>{action.keys[0]}</kbd>}
                  </Command.Item>
                ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </dialog>
  );
}
