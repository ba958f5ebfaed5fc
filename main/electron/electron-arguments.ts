import { basename } from 'node:path';

/** Switches of Chromium and of debuggers that stand among our own. */
const foreign =
  /^(--(no-sandbox|inspect|remote-debugging|enable-|disable-|ozone-|force-|use-|js-flags|user-data-dir|password-store|lang=|test-type)|-psn_)/;

/**
 * Our part of Electron's command line. Unpackaged it is `electron [switches] APP ...`, where APP is the project's folder
 * or its main file; packaged it is `christmas ...`.
 */
export function ownArguments(argv: readonly string[], isPackaged: boolean, appPath: string): string[] {
  let args = argv.slice(1);
  if (!isPackaged) {
    const at = args.findIndex(
      (arg) => !arg.startsWith('-') && (arg === appPath || basename(arg) === 'electron.cjs' || appPath.startsWith(arg)),
    );
    args = args.slice(at + 1);
  }
  return args.filter((arg) => !foreign.test(arg));
}
