/** Docked panels, and their layouts in the settings: `current` follows every change, the others are saved by name. */
import {
  type DockviewApi,
  DockviewReact,
  type DockviewReadyEvent,
  type IDockviewPanelHeaderProps,
  type SerializedDockview,
} from 'dockview-react';
import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { i18n } from '../i18n/i18n.ts';
import { useHostStore } from '../stores/host-store.ts';
import { showToast } from '../stores/ui-store.ts';
import { onCommand } from './commands.ts';
import { isPanelId, PANEL_IDS, panelComponents } from './panels.tsx';
import { useRuntime } from './runtime.ts';

const SAVE_DELAY_MS = 400;
const theme = { name: 'christmas', className: 'dockview-theme-christmas', gap: 0 } as const;

function PanelTab({ api }: IDockviewPanelHeaderProps): ReactElement {
  const { t } = useTranslation();
  const id = api.id;
  return (
    <div className="tab">
      <span>{isPanelId(id) ? t(`panel.${id}`) : id}</span>
      <button
        type="button"
        className="tab-close"
        aria-label={t('panel.close')}
        onPointerDown={(event) => event.stopPropagation()}
        onClick={() => api.close()}
      >
        ×
      </button>
    </div>
  );
}

/** Chart left, ladder and tape right of it, strategy at the edge, tables below. */
function buildDefault(api: DockviewApi): void {
  api.clear();
  const width = Math.max(900, api.width);
  const height = Math.max(500, api.height);
  const add = (id: string, position?: Parameters<DockviewApi['addPanel']>[0]['position'], size: object = {}) =>
    api.addPanel({ id, component: id, ...(position ? { position } : {}), ...size });
  add('chart');
  add('ladder', { referencePanel: 'chart', direction: 'right' });
  add('tape', { referencePanel: 'ladder', direction: 'right' });
  add('strategy', { referencePanel: 'tape', direction: 'below' });
  add('rails', { referencePanel: 'strategy', direction: 'within' });
  add('orders', { referencePanel: 'chart', direction: 'below' });
  add('fills', { referencePanel: 'orders', direction: 'within' });
  add('alerts', { referencePanel: 'orders', direction: 'within' });
  add('positions', { referencePanel: 'orders', direction: 'below' });
  const size = (id: string, dimensions: { width?: number; height?: number }) =>
    api.getPanel(id)?.group.api.setSize(dimensions);
  const side = Math.min(300, Math.round(width * 0.2));
  const ladder = Math.min(440, Math.round(width * 0.28));
  size('tape', { width: side });
  size('ladder', { width: ladder });
  size('chart', { width: width - side - ladder });
  size('positions', { height: Math.round(height * 0.17) });
  size('orders', { height: Math.round(height * 0.26) });
  size('chart', { height: Math.round(height * 0.57) });
  size('strategy', { height: Math.round(height * 0.48) });
  for (const id of ['orders', 'strategy', 'chart']) api.getPanel(id)?.api.setActive();
}

function restore(api: DockviewApi, layout: unknown): boolean {
  if (!layout || typeof layout !== 'object') return false;
  try {
    const saved = layout as SerializedDockview;
    const unknownPanels = Object.keys(saved.panels ?? {}).filter((id) => !isPanelId(id));
    if (unknownPanels.length > 0) throw new RangeError(`Expected known panels, was ${unknownPanels.join(', ')}`);
    api.fromJSON(saved);
    return api.panels.length > 0;
  } catch (error) {
    showToast('warning', i18n.t('layout.damaged'), error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function Workspace(): ReactElement {
  const runtime = useRuntime();
  const dock = useRef<DockviewApi | null>(null);

  useEffect(() => {
    const save = (name: string) => {
      const layout = dock.current?.toJSON();
      if (!layout) return;
      void runtime.saveSettings({ layouts: { ...useHostStore.getState().settings.layouts, [name]: layout } });
    };
    const cleanups = [
      onCommand('layout.reset', () => dock.current && buildDefault(dock.current)),
      onCommand('layout.save', (name) => {
        save(name);
        showToast('success', i18n.t('layout.saved', { name }));
      }),
      onCommand('layout.load', (name) => {
        if (dock.current) restore(dock.current, useHostStore.getState().settings.layouts[name]);
      }),
      onCommand('panel.open', (id) => {
        const api = dock.current;
        if (!api || !isPanelId(id)) return;
        const open = api.getPanel(id);
        if (open) open.api.setActive();
        else {
          // Beside the other tables, not over the ladder that happened to be touched last.
          const tables = api.getPanel('orders');
          api.addPanel({
            id,
            component: id,
            ...((id === 'faults' || id === 'data') && tables
              ? { position: { referencePanel: tables.id, direction: 'within' } }
              : {}),
          });
        }
      }),
    ];
    return () => {
      for (const cleanup of cleanups) cleanup();
    };
  }, [runtime]);

  const ready = (event: DockviewReadyEvent) => {
    const api = event.api;
    dock.current = api;
    if (!restore(api, useHostStore.getState().settings.layouts['current'])) buildDefault(api);
    let timer: ReturnType<typeof setTimeout> | undefined;
    api.onDidLayoutChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (dock.current !== api) return;
        const layouts = useHostStore.getState().settings.layouts;
        const current = api.toJSON();
        // A resize of the window is a change too, but only of numbers that follow from it.
        if (JSON.stringify(layouts['current']) !== JSON.stringify(current)) {
          void runtime.saveSettings({ layouts: { ...layouts, current } });
        }
      }, SAVE_DELAY_MS);
    });
  };

  return (
    <div className="workspace">
      <DockviewReact
        theme={theme}
        components={components}
        defaultTabComponent={PanelTab}
        onReady={ready}
        disableFloatingGroups
        noPanelsOverlay="emptyGroup"
      />
    </div>
  );
}

const components = Object.fromEntries(
  PANEL_IDS.map((id) => {
    const Panel = panelComponents[id];
    return [id, () => <Panel />];
  }),
);
