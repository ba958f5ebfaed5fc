/** The app without Electron: the same processes, its window a Chromium app window. Entry point. */
import type { Socket } from 'node:net';
import { marketProtocols } from '../../engine/contract/market-protocol.ts';
import { ArgumentError, parseOptions, readSource, sourceOptions, wholeNumber } from '../supervisor/command-line.ts';
import { defaultDataRoot, openDataDirectory } from '../supervisor/data-directory.ts';
import { LockedError } from '../supervisor/directory-lock.ts';
import { onExitSignal } from '../supervisor/exit-signals.ts';
import { HostService } from '../supervisor/host-service.ts';
import { askRunningInstance, InstanceEndpoint } from '../supervisor/instance-endpoint.ts';
import { openSession, type Session } from '../supervisor/open-session.ts';
import { version } from '../supervisor/version.ts';
import { AppServer } from './app-server.ts';
import { AppWindow, findBrowser, whyNoDisplay } from './app-window.ts';
import { NodeLauncher } from './node-launcher.ts';
import { builtPaths } from './paths.ts';
import { WindowLifetime } from './window-lifetime.ts';

const usage = `Usage: npm start -- [options]
  --no-window           print the address instead of opening a window
  --port N              port on 127.0.0.1 (default: any free one)
  --data-dir DIR        where settings, journal and database are kept
  --venue sim           trade the simulated market [--seed N] [--symbol BTCUSDT]
                        [--feed VENUE:SYMBOL[,SYMBOL] ...] watches other protocols as well, [--paper] those alone
  --venue live          public data of real venues, filled on paper: --feed VENUE:SYMBOL[,SYMBOL] for each
  --replay FILE[,FILE]  play a recording [--protocol P] [--speed max|N] [--tick-size S] [--lot-size S]
                        P is ${marketProtocols.join(', ')} (default: ${marketProtocols[0]})`;

interface DesktopArguments {
  source: ReturnType<typeof readSource>;
  port: number;
  window: boolean;
}

function readArguments(args: readonly string[]): DesktopArguments | undefined {
  const values = parseOptions(args, {
    ...sourceOptions,
    port: { type: 'string' },
    'no-window': { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values['help'] === true) return undefined;
  return {
    source: readSource(values),
    port: wholeNumber(values, 'port', 0, 65_535) ?? 0,
    window: values['no-window'] !== true,
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}

/** @returns the exit code, or undefined while the app runs. */
async function run(): Promise<number | undefined> {
  const args = readArguments(process.argv.slice(2));
  if (args === undefined) {
    say(usage);
    return 0;
  }
  const dataRoot = args.source.dataDir ?? defaultDataRoot();
  let session: Session<Socket>;
  try {
    session = await openSession<Socket>({
      launcher: new NodeLauncher(builtPaths.process, ['--enable-source-maps']),
      dataRoot,
      ...(args.source.source === undefined ? {} : { source: args.source.source }),
      replayUnits: {
        ...(args.source.tickSize === undefined ? {} : { tickSize: args.source.tickSize }),
        ...(args.source.lotSize === undefined ? {} : { lotSize: args.source.lotSize }),
      },
      warn,
    });
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    say(await askRunningInstance(openDataDirectory(dataRoot).instance, error));
    return 0;
  }
  try {
    await serve(session, args);
    return undefined;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function serve(session: Session<Socket>, args: DesktopArguments): Promise<void> {
  const { supervisor, directory } = session;
  const service = new HostService(supervisor, () => Promise.reject(new Error('Type the path: no file picker here')));
  const server = new AppServer({
    supervisor,
    service,
    info: { host: 'node', version, platform: process.platform, canPickFiles: false },
    rendererRoot: builtPaths.renderer,
    preloadPath: builtPaths.browserPreload,
    port: args.port,
  });
  await server.open();

  const browser = args.window ? findBrowser() : undefined;
  const noWindow = args.window
    ? (whyNoDisplay() ?? (browser === undefined ? 'no Chromium, Chrome or Edge found' : ''))
    : 'not asked for';
  const window =
    browser !== undefined && noWindow === '' ? new AppWindow(browser, directory.browserProfile) : undefined;

  let ending = false;
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    supervisor.log(`ending: ${reason}`);
    Promise.all([window?.close(), endpoint.close()])
      .then(async () => {
        server.close();
        await session.close();
      })
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
          process.exit(1);
        },
      );
  };
  const printAddress = (): void => say(`Christmas is at ${server.newAddress()}`);
  const lifetime = new WindowLifetime({
    platform: process.platform,
    pages: () => server.pages,
    onClosed: () => end('the window was closed'),
    onNeverOpened: (reason) => {
      if (ending) return;
      warn(`the browser ended without showing the page (${reason})`);
      printAddress();
    },
  });
  const openWindow = (): void => {
    window?.open(server.newAddress(), (reason) => lifetime.browserEnded(reason));
  };
  const endpoint = new InstanceEndpoint(directory.instance, () => {
    if (window === undefined) return Promise.resolve(`Christmas is running already, at ${server.newAddress()}`);
    openWindow();
    return Promise.resolve('Christmas is running already; opened its window');
  });
  await endpoint.open();
  onExitSignal((signal) => end(signal));

  if (window !== undefined) server.onPages(() => lifetime.pagesChanged());
  supervisor.start();
  if (window !== undefined) {
    if (process.getuid?.() === 0) say("Running as root: the window's browser runs without its sandbox.");
    openWindow();
  } else {
    if (args.window) say(`No window (${noWindow}): open the address in a browser on this machine.`);
    printAddress();
    if (process.stdin.isTTY) {
      say('It works once; press Enter for a new one, Ctrl-C to end.');
      process.stdin.on('data', printAddress);
    }
  }
}

run().then(
  (code) => {
    if (code !== undefined) process.exit(code);
  },
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ArgumentError ? 2 : 1);
  },
);
