import type { SourceSetting } from '../../engine/contract/settings.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { takeDirectoryLock } from './directory-lock.ts';
import type { Launcher } from './launcher.ts';
import { Redactor } from './redactor.ts';
import { loadSecrets, plainSecretCodec, saveSecrets, type SecretCodec } from './secret-store.ts';
import { SettingsStore } from './settings-store.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

export interface SessionOptions<Transfer>
  extends Pick<SupervisorOptions<Transfer>, 'replayUnits' | 'autoStart' | 'timings'> {
  launcher: Launcher<Transfer>;
  dataRoot: string;
  source?: SourceSetting;
  secretCodec?: SecretCodec;
  /** One line for the user: something was not as expected, the app goes on. */
  warn(text: string): void;
}

export interface Session<Transfer> {
  supervisor: Supervisor<Transfer>;
  directory: DataDirectory;
  redactor: Redactor;
  /** Stops every process, then gives the data folder back. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a data folder for this process alone and builds the supervisor on it; nothing is started yet.
 * @throws LockedError when another running process has the folder; its owner can be asked through instance.json.
 */
export async function openSession<Transfer>(options: SessionOptions<Transfer>): Promise<Session<Transfer>> {
  const directory = openDataDirectory(options.dataRoot);
  const unlock = await takeDirectoryLock(directory.lock);
  try {
    const redactor = new Redactor();
    const settings = new SettingsStore(directory.settings, options.warn, options.source);
    const codec = options.secretCodec ?? plainSecretCodec;
    const secrets = await loadSecrets(directory.secrets, codec, options.warn);
    const { launcher, replayUnits, autoStart, timings } = options;
    const supervisor = new Supervisor<Transfer>({
      launcher,
      directory,
      settings,
      secrets,
      saveSecrets: (changed) => saveSecrets(directory.secrets, codec, changed),
      redactor,
      ...(replayUnits === undefined ? {} : { replayUnits }),
      ...(autoStart === undefined ? {} : { autoStart }),
      ...(timings === undefined ? {} : { timings }),
    });
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await supervisor.stop();
      unlock();
    };
    return {
      supervisor,
      directory,
      redactor,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
