/** What came from whom since it was last told. */
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';

export interface Arrived {
  readonly device: DeviceId;
  readonly chunks: number;
  readonly bytes: number;
}

export class Arrivals {
  #counts = new Map<DeviceId, Arrived>();

  /** The same for whoever names the chunk as well. */
  readonly onArrived = (device: DeviceId, _id: ChunkId, bytes: number): void => {
    this.count(device, bytes);
  };

  /** One chunk came. */
  count(device: DeviceId, bytes: number): void {
    const before = this.#counts.get(device);
    const chunks = (before?.chunks ?? 0) + 1;
    this.#counts.set(device, { device, chunks, bytes: (before?.bytes ?? 0) + bytes });
  }

  /** Everything so far; counting begins anew. */
  drain(): readonly Arrived[] {
    const all = [...this.#counts.values()];
    this.#counts = new Map();
    return all;
  }
}
