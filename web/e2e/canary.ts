/** A server on this machine that nobody is meant to ask. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Canary {
  host: string;
  /** what it was asked for */
  asked: string[];
  close(): void;
}

export async function canary(): Promise<Canary> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    res.end();
  });
  await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => void server.close() };
}
