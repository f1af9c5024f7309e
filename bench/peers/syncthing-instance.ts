/**
 * One Syncthing on loopback: its keys, its configuration without anything that looks for the rest of
 * the world, and the few calls of its REST interface that a measurement needs.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runProgram, startProgram, type Background } from '../measure/programs.ts';
import { waitUntil } from '../measure/session.ts';

const environment = { STNODEFAULTFOLDER: '1', STNOUPGRADE: '1' };

export interface FolderStatus {
  readonly state: string;
  readonly globalBytes: number;
  readonly globalFiles: number;
  readonly needTotalItems: number;
  readonly localFiles: number;
}

export class SyncthingInstance {
  readonly folder: string;
  readonly #home: string;
  readonly #apiKey = randomBytes(16).toString('hex');
  deviceId = '';
  syncPort = 0;
  #apiPort = 0;
  #program: Background | undefined;

  constructor(directory: string, name: string) {
    this.#home = join(directory, `${name}-home`);
    this.folder = join(directory, `${name}-folder`);
  }

  async generate(): Promise<void> {
    await mkdir(join(this.folder, '.stfolder'), { recursive: true });
    const home = ['--home', this.#home] as const;
    await runProgram(['syncthing', 'generate', '--no-default-folder', ...home], { environment });
    this.deviceId = (
      await runProgram(['syncthing', '--device-id', ...home], { environment })
    ).trim();
    this.syncPort = await freePort();
    this.#apiPort = await freePort();
  }

  /** @param peer known from the start, and paused */
  async start(peer: SyncthingInstance): Promise<void> {
    await writeFile(join(this.#home, 'config.xml'), this.#config(peer));
    const words = ['syncthing', 'serve', '--home', this.#home, '--no-browser', '--no-restart'];
    this.#program = startProgram(words as [string, ...string[]], { environment });
    await waitUntil('syncthing answers', async () => {
      const answer = await this.#call('GET', 'system/ping').catch(() => undefined);
      return answer !== undefined;
    });
  }

  async resume(peer: SyncthingInstance): Promise<void> {
    await this.#call('POST', `system/resume?device=${peer.deviceId}`);
  }

  /** Resolves when the folder has been looked through and everything new is hashed. */
  async scan(): Promise<void> {
    await this.#call('POST', 'db/scan?folder=bench');
  }

  async status(): Promise<FolderStatus> {
    return (await this.#call('GET', 'db/status?folder=bench')) as FolderStatus;
  }

  async isConnectedTo(peer: SyncthingInstance): Promise<boolean> {
    const { connections } = (await this.#call('GET', 'system/connections')) as {
      connections: Record<string, { connected: boolean } | undefined>;
    };
    return connections[peer.deviceId]?.connected === true;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = undefined;
  }

  async #call(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${String(this.#apiPort)}/rest/${path}`, {
      method,
      headers: { 'X-API-Key': this.#apiKey },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`syncthing: ${path}: ${text}`);
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  }

  /** What is not named keeps its default. */
  #config(peer: SyncthingInstance): string {
    const device = (id: string, rest: string): string =>
      `<device id="${id}" compression="metadata" introducer="false">${rest}</device>`;
    return `<configuration version="36">
  <folder id="bench" path="${this.folder}" type="sendreceive" rescanIntervalS="0" fsWatcherEnabled="false">
    <device id="${this.deviceId}"></device>
    <device id="${peer.deviceId}"></device>
  </folder>
  ${device(this.deviceId, '<address>dynamic</address>')}
  ${device(peer.deviceId, `<address>tcp://127.0.0.1:${String(peer.syncPort)}</address><paused>true</paused>`)}
  <gui enabled="true" tls="false">
    <address>127.0.0.1:${String(this.#apiPort)}</address>
    <apikey>${this.#apiKey}</apikey>
  </gui>
  <options>
    <listenAddress>tcp://127.0.0.1:${String(this.syncPort)}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <stunKeepaliveStartS>0</stunKeepaliveStartS>
    <reconnectionIntervalS>1</reconnectionIntervalS>
    <startBrowser>false</startBrowser>
    <urAccepted>-1</urAccepted>
    <crashReportingEnabled>false</crashReportingEnabled>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
  </options>
</configuration>
`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
