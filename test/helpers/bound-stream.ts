/** A call's stream as a plain object, so that a test can replace single functions of it. */
import type { CallStream } from '../../protocol/rpc/rpc.ts';

export function boundStream(stream: CallStream): CallStream {
  return {
    sendMessage: (bytes) => stream.sendMessage(bytes),
    sendData: (bytes) => stream.sendData(bytes),
    end: () => {
      stream.end();
    },
    receive: () => stream.receive(),
    receiveData: (sink) => stream.receiveData(sink),
    receiveBodies: (reader) => stream.receiveBodies(reader),
    expectEnd: () => {
      stream.expectEnd();
    },
    fail: (error) => {
      stream.fail(error);
    },
    signal: stream.signal,
  };
}
