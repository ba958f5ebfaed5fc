/** What a mark on the chart means: state, reason, when and how long. One element that moves; it never takes the pointer. */
import { engineText } from '../i18n/engine-text.ts';
import { i18n } from '../i18n/i18n.ts';
import { formatDurationMs, formatTimeUs } from '../panels/format.ts';
import type { IntegrityEpisode } from './integrity-log.ts';

const GAP_PX = 12;

export class IntegrityTip {
  readonly #element = document.createElement('div');
  readonly #state = document.createElement('b');
  readonly #time = document.createElement('span');
  readonly #reason = document.createElement('p');
  #shown: IntegrityEpisode | undefined;
  #shownEndUs = Number.NaN;
  #language = '';

  constructor(parent: HTMLElement) {
    this.#element.className = 'integrity-tip num';
    this.#element.dataset['testid'] = 'integrity-tip';
    this.#element.hidden = true;
    this.#element.append(this.#state, this.#time, this.#reason);
    parent.append(this.#element);
  }

  /** Shows an episode beside a place in a plot of `width` by `height`, CSS pixels; nothing where there is none. */
  show(episode: IntegrityEpisode | undefined, left: number, top: number, width: number, height: number): void {
    if (!episode) {
      if (this.#shown) this.#element.hidden = true;
      this.#shown = undefined;
      return;
    }
    const changed = episode !== this.#shown || !Object.is(episode.endUs, this.#shownEndUs);
    if (changed || this.#language !== i18n.language) this.#write(episode);
    const { style } = this.#element;
    const leftHalf = left < width / 2;
    style.left = leftHalf ? `${left + GAP_PX}px` : '';
    style.right = leftHalf ? '' : `${width - left + GAP_PX}px`;
    style.top = `${Math.max(4, Math.min(top, height - 70))}px`;
  }

  #write(episode: IntegrityEpisode): void {
    this.#shown = episode;
    this.#shownEndUs = episode.endUs;
    this.#language = i18n.language;
    const over = !Number.isNaN(episode.endUs);
    this.#state.textContent = i18n.t(`bookState.${episode.state}`);
    this.#state.className = `state-word ${episode.state}`;
    const start = formatTimeUs(episode.startUs);
    this.#time.textContent = over
      ? i18n.t('integrity.lasted', { start, duration: formatDurationMs((episode.endUs - episode.startUs) / 1000) })
      : i18n.t('integrity.since', { start });
    this.#reason.textContent = engineText(episode.reason);
    this.#element.dataset['state'] = episode.state;
    this.#element.hidden = false;
  }
}
