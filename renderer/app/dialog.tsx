import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { openDialog } from '../stores/ui-store.ts';

/** A modal over the native dialog element: focus stays inside, Escape and a press beside it close it. */
export function Dialog(props: {
  title: string;
  testId: string;
  className?: string;
  children: ReactNode;
}): ReactElement {
  const { t } = useTranslation();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes the native dialog
    <dialog
      ref={element}
      className={`dialog ${props.className ?? ''}`}
      data-testid={props.testId}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        openDialog(null);
      }}
      onClick={(event) => {
        if (event.target === element.current) openDialog(null);
      }}
    >
      <header className="dialog-head">
        <h2>{props.title}</h2>
        <button type="button" className="icon" aria-label={t('dialog.close')} onClick={() => openDialog(null)}>
          ✕
        </button>
      </header>
      <div className="dialog-body">{props.children}</div>
    </dialog>
  );
}
