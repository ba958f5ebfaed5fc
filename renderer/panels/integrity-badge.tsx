import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Popover } from '../app/popover.tsx';
import { engineText } from '../i18n/engine-text.ts';
import { currentBookState, useTradingStore } from '../stores/trading-store.ts';
import { IntegrityDetails } from './integrity-details.tsx';

/** State of the book on screen in colour and word; its reason on hover, everything known about it on a press. */
export function IntegrityBadge({ testId, children }: { testId: string; children?: ReactElement }): ReactElement {
  const { t } = useTranslation();
  const connected = useTradingStore((state) => state.connected);
  const book = useTradingStore(currentBookState);
  const state = connected ? book.state : 'connecting';
  const word = connected ? t(`bookState.${book.state}`) : t('status.disconnected');
  const reason = connected ? engineText(book.reason) : '';
  return (
    <Popover
      testId={testId}
      className={`integrity-badge ${state}`}
      label={t('integrity.open', { state: word })}
      title={[word, reason, t(`bookStateHelp.${state}`)].filter(Boolean).join('\n')}
      data={{ 'data-state': state, 'data-reason': book.reason }}
      button={
        <>
          <span className="dot" />
          {children}
          <b>{word}</b>
        </>
      }
    >
      {() => <IntegrityDetails />}
    </Popover>
  );
}
