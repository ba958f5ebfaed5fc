import { ipcMain, type IpcMainEvent, type WebContents } from 'electron';
import { isOurPage } from './page-protocol.ts';

/**
 * Listens on a channel; the only use of ipcMain. Messages of anything but the main frame of our own page are dropped and
 * reported.
 */
export function onPageMessage(
  channel: string,
  listener: (page: WebContents, message: unknown) => void,
  report: (line: string) => void,
): void {
  ipcMain.on(channel, (event: IpcMainEvent, message: unknown) => {
    const { senderFrame, sender } = event;
    if (senderFrame === null || senderFrame !== sender.mainFrame || !isOurPage(senderFrame.url)) {
      report(`refused ${channel} of ${senderFrame?.url ?? 'a frame that is gone'}`);
      return;
    }
    listener(sender, message);
  });
}
