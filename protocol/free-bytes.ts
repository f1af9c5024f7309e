/**
 * Gives large memory back as soon as its bytes are used. Sockets and ciphers return fresh memory for
 * every piece, and the collector, which would free it later, marks the whole heap each time that some
 * tens of MiB have piled up; memory that is freed at once is also still warm when it is taken again.
 */

/** Below this, bytes may share Buffer's pool with strangers, and freeing them gains nothing. */
const freedBytesMin = 16 * 1024;
/** A body may stand behind its own header. */
const besideBytesMax = 64;

/**
 * Frees the memory beneath `bytes`, if they fill it: nobody else may hold any part of it, and `bytes`
 * are empty afterwards.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer, length } = bytes;
  if (length < freedBytesMin || buffer.byteLength - length > besideBytesMax) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
