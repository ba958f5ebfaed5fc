/** Test helper process: starts the embedded server of argv[2], sends its address, stops it on any message. */
import { EmbeddedPostgres } from './embedded-postgres.ts';

const server = new EmbeddedPostgres(process.argv[2] as string, { launch: JSON.parse(process.argv[3] as string) });
process.once('message', () => {
  void server.stop().then(() => process.exit(0));
});
const address = await server.start();
process.send?.(address);
