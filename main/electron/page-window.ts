import { BrowserWindow, dialog } from 'electron';
import { pageAddress } from './page-protocol.ts';

/** The app's window. Its page has no Node and no Electron; it reaches main through the preload only. */
export function openPageWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 800,
    minHeight: 500,
    show: false,
    backgroundColor: '#0b0e14',
    autoHideMenuBar: true,
    title: 'Christmas',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.loadURL(pageAddress).catch((error: unknown) => {
    dialog.showErrorBox('Christmas', `The page could not be loaded: ${String(error)}`);
  });
  return window;
}

/** Lets the user choose recordings. @returns their paths; empty when cancelled. */
export async function pickRecordings(window: BrowserWindow): Promise<string[]> {
  const result = await dialog.showOpenDialog(window, {
    title: 'Recordings',
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: 'Recordings', extensions: ['jsonl', 'ndjson', 'txt', 'csv', 'gz', 'zip'] },
      { name: '*', extensions: ['*'] },
    ],
  });
  return result.canceled ? [] : result.filePaths;
}
