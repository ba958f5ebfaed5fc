/** The app in Electron. Entry point; thin: what can be shared with the Node host is in the supervisor. */
import { join } from 'node:path';
import { app, type BrowserWindow, type MessagePortMain, type WebContents } from 'electron';
import { processNames } from '../../engine/contract/host-messages.ts';
import { ArgumentError, parseOptions, readSource, sourceOptions } from '../supervisor/command-line.ts';
import { defaultDataRoot, openDataDirectory } from '../supervisor/data-directory.ts';
import { LockedError } from '../supervisor/directory-lock.ts';
import { onExitSignal } from '../supervisor/exit-signals.ts';
import { HostService } from '../supervisor/host-service.ts';
import { askRunningInstance, InstanceEndpoint } from '../supervisor/instance-endpoint.ts';
import { openSession, type Session } from '../supervisor/open-session.ts';
import { version } from '../supervisor/version.ts';
import { ownArguments } from './electron-arguments.ts';
import { lockDown } from './lock-down.ts';
import { openPageWindow, pickRecordings } from './page-window.ts';
import { registerPageScheme, servePage } from './page-protocol.ts';
import { systemSecretCodec } from './system-secret-codec.ts';
import { openChannel, UtilityLauncher } from './utility-launcher.ts';
import { onPageMessage } from './validated-ipc.ts';

const dist = join(import.meta.dirname, '..');

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(error instanceof ArgumentError ? 2 : 1);
}

async function run(source: ReturnType<typeof readSource>, dataRoot: string): Promise<void> {
  await app.whenReady();
  let session: Session<MessagePortMain>;
  try {
    session = await openSession<MessagePortMain>({
      launcher: new UtilityLauncher((name) => join(dist, 'processes', `${name}.cjs`)),
      dataRoot,
      secretCodec: await systemSecretCodec(warn),
      ...(source.source === undefined ? {} : { source: source.source }),
      replayUnits: {
        ...(source.tickSize === undefined ? {} : { tickSize: source.tickSize }),
        ...(source.lotSize === undefined ? {} : { lotSize: source.lotSize }),
      },
      warn,
    });
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    // Not Electron's own lock, so the Node host has this data folder.
    process.stdout.write(`${await askRunningInstance(openDataDirectory(dataRoot).instance, error)}\n`);
    app.exit(0);
    return;
  }
  try {
    await show(session);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function show(session: Session<MessagePortMain>): Promise<void> {
  const { supervisor, directory } = session;
  const log = (line: string): void => supervisor.log(line);
  lockDown(log);
  servePage(join(dist, 'renderer'), join(dist, 'preload', 'electron-page.js'), {
    host: 'electron',
    version,
    platform: process.platform,
    canPickFiles: true,
  });

  let window: BrowserWindow | undefined;
  const focus = (): Promise<string> => {
    if (window?.isMinimized() === true) window.restore();
    window?.focus();
    return Promise.resolve('Christmas is running already; its window is in front');
  };
  const endpoint = new InstanceEndpoint(directory.instance, focus);
  await endpoint.open();
  app.on('second-instance', () => void focus());

  let ending = false;
  let ended = false;
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    log(`ending: ${reason}`);
    endpoint
      .close()
      .then(() => session.close())
      .then(() => {
        ended = true;
        app.exit(0);
      }, fail);
  };
  app.on('window-all-closed', () => end('the window was closed'));
  app.on('before-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    end('quit');
  });
  app.on('child-process-gone', (_event, details) => {
    log(`${details.serviceName ?? details.type} is gone: ${details.reason}, code ${details.exitCode}`);
  });
  onExitSignal(end);

  const service = new HostService(supervisor, () =>
    window === undefined ? Promise.resolve([]) : pickRecordings(window),
  );
  onPageMessage(
    'christmas:call',
    (page, message) => {
      service.answer(message).then(
        (reply) => send(page, reply),
        (error: unknown) => log(`host call: ${String(error)}`),
      );
    },
    log,
  );
  onPageMessage('christmas:open-port', (page, message) => openPort(session, page, message), log);
  service.subscribe((event) => {
    if (window !== undefined) send(window.webContents, event);
  });

  supervisor.start();
  window = openPageWindow(join(dist, 'preload', 'electron.cjs'));
  window.on('closed', () => {
    window = undefined;
  });
}

function send(page: WebContents, message: unknown): void {
  if (!page.isDestroyed()) page.send('christmas:message', message);
}

/** Connects the page with a process; `nonce` lets the page tell its own request from anything else. */
function openPort(session: Session<MessagePortMain>, page: WebContents, message: unknown): void {
  const { name, nonce } = (message ?? {}) as { name?: unknown; nonce?: unknown };
  const process = processNames.find((known) => known === name);
  if (process === undefined || typeof nonce !== 'string' || nonce.length > 64) {
    session.supervisor.log('refused a malformed request for a port');
    return;
  }
  const channel = openChannel();
  try {
    session.supervisor.connect(process, { type: 'connect' }, channel.process);
  } catch (error) {
    if (!page.isDestroyed()) page.send('christmas:no-port', { nonce, error: (error as Error).message });
    return;
  }
  // The window may have gone in the meantime; its end is closed so that the process notices.
  if (page.isDestroyed()) channel.page.close();
  else page.postMessage('christmas:port', { nonce }, [channel.page]);
}

try {
  registerPageScheme();
  const values = parseOptions(ownArguments(process.argv, app.isPackaged, app.getAppPath()), sourceOptions);
  const source = readSource(values);
  const dataRoot = source.dataDir ?? defaultDataRoot();
  // Electron's lock and caches belong to the data folder: two folders, two apps.
  app.setPath('userData', join(openDataDirectory(dataRoot).root, 'electron'));
  if (app.requestSingleInstanceLock()) run(source, dataRoot).catch(fail);
  else {
    process.stdout.write('Christmas is running already; its window is in front\n');
    app.exit(0);
  }
} catch (error) {
  fail(error);
}
