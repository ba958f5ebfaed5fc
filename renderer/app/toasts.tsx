import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { dismissToast, useUiStore } from '../stores/ui-store.ts';

/** Short messages in the corner. A popover, so that they are above dialogs as well. */
export function Toasts(): ReactElement {
  const { t } = useTranslation();
  const toasts = useUiStore((state) => state.toasts);
  return (
    <div className="toasts" role="status">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast ${toast.level}`} data-testid="toast" data-level={toast.level}>
          <div>
            <b>{toast.title}</b>
            {toast.count > 1 && <span className="badge">×{toast.count}</span>}
            {toast.text && <p>{toast.text}</p>}
          </div>
          <button type="button" className="icon" aria-label={t('dialog.close')} onClick={() => dismissToast(toast.id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
