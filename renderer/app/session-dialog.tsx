import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourceSetting } from '../../engine/contract/settings.ts';
import { useHostStore } from '../stores/host-store.ts';
import { openDialog, showToast } from '../stores/ui-store.ts';
import { Dialog } from './dialog.tsx';
import { useRuntime } from './runtime.ts';

const SPEEDS = [1, 2, 10, 50, 'max'] as const;

/** Chooses what is traded: the simulated market, or a recorded one. */
export function SessionDialog(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const info = useHostStore((state) => state.info);
  const source = useHostStore((state) => state.settings.source);
  const [kind, setKind] = useState(source.kind);
  const [seed, setSeed] = useState(source.kind === 'sim' ? String(source.seed) : '1');
  const [symbols, setSymbols] = useState(
    source.kind === 'sim' ? source.symbols.join(', ') : 'BTCUSDT, ETHUSDT, SOLUSDT',
  );
  const [files, setFiles] = useState(source.kind === 'replay' ? source.files.join('\n') : '');
  const [symbol, setSymbol] = useState(source.kind === 'replay' ? (source.symbol ?? '') : '');
  const [speed, setSpeed] = useState<number | 'max'>(source.kind === 'replay' ? source.speed : 1);

  const list = (text: string, separator: RegExp) =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter(Boolean);
  const symbolList = list(symbols.toUpperCase(), /[\s,]+/);
  const fileList = list(files, /\n+/);
  const seedNumber = Number(seed);
  const error =
    kind === 'sim'
      ? !Number.isSafeInteger(seedNumber) || seedNumber < 0
        ? t('session.seedError', { value: seed })
        : symbolList.length === 0
          ? t('session.symbolsError')
          : ''
      : fileList.length === 0
        ? t('session.filesError')
        : '';

  const start = async () => {
    const next: SourceSetting =
      kind === 'sim'
        ? { kind: 'sim', seed: seedNumber, symbols: symbolList }
        : {
            kind: 'replay',
            files: fileList,
            protocol: 'binance-spot',
            speed,
            ...(symbol.trim() ? { symbol: symbol.trim().toUpperCase() } : {}),
          };
    if (await runtime.saveSettings({ source: next })) {
      openDialog(null);
      showToast('info', t('session.starting'));
    }
  };

  return (
    <Dialog title={t('session.title')} testId="session-dialog">
      <div className="segmented wide">
        {(['sim', 'replay'] as const).map((choice) => (
          <button
            key={choice}
            type="button"
            data-testid={`session-${choice}`}
            aria-pressed={kind === choice}
            onClick={() => setKind(choice)}
          >
            {t(`session.${choice}`)}
          </button>
        ))}
      </div>
      <p className="dim note">{t(`session.${kind}Help`)}</p>
      {kind === 'sim' ? (
        <>
          <label className="form-row">
            <span className="form-label">{t('session.seed')}</span>
            <input
              className="num"
              data-testid="session-seed"
              value={seed}
              onChange={(event) => setSeed(event.target.value)}
            />
          </label>
          <label className="form-row tall">
            <span className="form-label">{t('session.symbols')}</span>
            <input data-testid="session-symbols" value={symbols} onChange={(event) => setSymbols(event.target.value)} />
          </label>
        </>
      ) : (
        <>
          <label className="form-row tall">
            <span className="form-label">{t('session.files')}</span>
            <textarea
              rows={4}
              spellCheck={false}
              data-testid="session-files"
              placeholder={t('session.filesPlaceholder')}
              value={files}
              onChange={(event) => setFiles(event.target.value)}
            />
          </label>
          {info.canPickFiles && (
            <button
              type="button"
              className="quiet"
              onClick={async () => {
                const picked = await runtime.host.pickFiles();
                if (picked.length > 0) setFiles(picked.join('\n'));
              }}
            >
              {t('session.pick')}
            </button>
          )}
          <label className="form-row">
            <span className="form-label">{t('session.symbol')}</span>
            <input
              data-testid="session-symbol"
              placeholder="BTCUSDT"
              value={symbol}
              onChange={(event) => setSymbol(event.target.value)}
            />
          </label>
          <div className="form-row">
            <span className="form-label">{t('session.speed')}</span>
            <div className="segmented">
              {SPEEDS.map((choice) => (
                <button
                  key={choice}
                  type="button"
                  data-testid={`session-speed-${choice}`}
                  aria-pressed={speed === choice}
                  onClick={() => setSpeed(choice)}
                >
                  {choice === 'max' ? t('session.max') : `${choice}×`}
                </button>
              ))}
            </div>
          </div>
        </>
      )}
      <div className="form-actions">
        <span className="form-error grow">{error}</span>
        <button
          type="button"
          className="primary"
          data-testid="session-start"
          disabled={error !== ''}
          onClick={() => void start()}
        >
          {t('session.start')}
        </button>
      </div>
    </Dialog>
  );
}
