import { readFileSync, renameSync } from 'node:fs';
import { defaultSettings, type Settings, type SourceSetting } from '../../engine/contract/settings.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { checkSettings } from './settings-schema.ts';

/** Layouts are page state of unknown shape; a page gone wrong must not fill the disk. */
const MAX_SETTINGS_BYTES = 4 * 1024 * 1024;

/**
 * The user's settings: one JSON file, validated on the way in and out, written atomically. A source given on the command
 * line lies over the file's for this run and is saved only when the user chooses a source.
 */
export class SettingsStore {
  readonly #path: string;
  #saved: Settings;
  #sourceOverride: SourceSetting | undefined;

  /**
   * Reads the file; a missing one means defaults, an unreadable or invalid one is kept as `.bad` and reported by `warn`.
   */
  constructor(path: string, warn: (text: string) => void, sourceOverride?: SourceSetting) {
    this.#path = path;
    this.#sourceOverride = sourceOverride;
    this.#saved = this.#read(warn);
  }

  /** Current settings with secrets, for main and the processes. */
  get(): Settings {
    const settings = structuredClone(this.#saved);
    if (this.#sourceOverride !== undefined) settings.source = structuredClone(this.#sourceOverride);
    return settings;
  }

  /** As {@link get} without what the page must not see: the password of the Postgres URL. */
  getForPage(): Settings {
    const settings = this.get();
    settings.postgresUrl = withoutPassword(settings.postgresUrl);
    return settings;
  }

  /**
   * Merges top-level fields, validates and saves.
   * @throws RangeError naming field and value; nothing is changed then.
   */
  update(patch: Partial<Settings>): Settings {
    if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) {
      throw new RangeError('settings: expected an object of fields to change');
    }
    const merged = { ...this.#saved, ...patch };
    // The page gives back what it was shown: that is not a new URL.
    if (merged.postgresUrl === withoutPassword(this.#saved.postgresUrl)) merged.postgresUrl = this.#saved.postgresUrl;
    this.#save(checkSettings(merged));
    if (patch.source !== undefined) this.#sourceOverride = undefined;
    return this.get();
  }

  /**
   * What the running session's source has become: saved, or kept for this run where the command line named the source.
   * @throws RangeError naming field and value; nothing is changed then.
   */
  keepSource(source: SourceSetting): void {
    const checked = checkSettings({ ...this.#saved, source });
    if (this.#sourceOverride === undefined) this.#save(checked);
    else this.#sourceOverride = checked.source;
  }

  #save(checked: Settings): void {
    const text = `${JSON.stringify(checked, undefined, 2)}\n`;
    if (text.length > MAX_SETTINGS_BYTES) {
      throw new RangeError(`settings: expected at most ${MAX_SETTINGS_BYTES} characters, was ${text.length}`);
    }
    writeFileAtomic(this.#path, text, 0o600);
    this.#saved = checked;
  }

  #read(warn: (text: string) => void): Settings {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return structuredClone(defaultSettings);
      throw error;
    }
    try {
      const value = JSON.parse(text) as Record<string, unknown> | null;
      if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new RangeError('not an object');
      // Fields that a newer version added take their default; a field of the wrong shape is an error.
      return checkSettings({ ...structuredClone(defaultSettings), ...value });
    } catch (error) {
      const kept = `${this.#path}.bad`;
      renameSync(this.#path, kept);
      warn(`Settings were not usable (${(error as Error).message}); kept as ${kept}, using defaults`);
      return structuredClone(defaultSettings);
    }
  }
}

/** The URL without its password (also one given as a query parameter); an unreadable URL becomes empty. */
export function withoutPassword(url: string): string {
  if (url === '') return '';
  try {
    const parsed = new URL(url);
    parsed.password = '';
    parsed.searchParams.delete('password');
    return parsed.toString();
  } catch {
    // Not a URL that can be taken apart, so not one that can be shown.
    return '';
  }
}
