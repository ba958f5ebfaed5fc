/** Turns the state of the store into a banner: that it is away, why and since when. */
import type { StorageStatus } from '../../engine/contract/storage-messages.ts';
import { i18n } from '../i18n/i18n.ts';
import { endIncident, raiseIncident, useUiStore } from '../stores/ui-store.ts';

export const STORE_INCIDENT = 'store';

export class StoreWatch {
  #wasUp = false;

  /** Another storage process: that it starts is no incident. What was told already ends only when the store is there. */
  forget(): void {
    this.#wasUp = false;
  }

  /** Told the state every second. */
  observe({ state, reason, sinceMs }: StorageStatus): void {
    if (state === 'up') {
      this.#wasUp = true;
      endIncident(STORE_INCIDENT, Date.now());
      return;
    }
    if (state === 'starting' && !this.#wasUp) return;
    const open = useUiStore
      .getState()
      .incidents.find((incident) => incident.key === STORE_INCIDENT && incident.overMs === null);
    // Raised again it would come to the front of the others, every second. Starting anew, it has no reason to tell.
    if (open !== undefined && (reason === '' || open.text === reason)) return;
    raiseIncident({
      key: STORE_INCIDENT,
      kind: 'connection',
      title: i18n.t('banner.store'),
      text: reason,
      sinceMs: sinceMs || Date.now(),
    });
  }
}
