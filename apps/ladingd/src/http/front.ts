// SPDX-License-Identifier: Apache-2.0
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { withTakenAuthorities } from './authority-filter.ts';

/** How HTTP/2 begins, with which gRPC is spoken. No method of HTTP/1 begins so. */
const preface = Buffer.from('PRI * HTTP/2.0');
/** A client that connects says something at once. */
const silenceMs = 30_000;

/** Takes connections and gives each to the server that speaks its protocol. */
export interface Front {
  take(socket: Socket): void;
  /** Ends connections that have said nothing yet. */
  close(): void;
}

/** One socket for gRPC and for plain HTTP/1, told apart by their first bytes. */
export function createFront(grpc: GrpcServer, http: HttpServer): Front {
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const silent = new Set<Socket>();
  return {
    take(socket) {
      silent.add(socket);
      let head = Buffer.alloc(0);
      const drop = (): void => void socket.destroy();
      const forget = (): void => void silent.delete(socket);
      const look = (): void => {
        for (let more = socket.read(); more !== null; more = socket.read())
          head = Buffer.concat([head, more]);
        if (head.length < preface.length && preface.subarray(0, head.length).equals(head)) return;
        forget();
        // Whoever it is given to listens for itself.
        for (const [event, listener] of listeners) socket.off(event, listener);
        socket.setTimeout(0);
        socket.unshift(head);
        if (head.subarray(0, preface.length).equals(preface)) {
          // A client of gRPC that is gone says no more than this; half open, its session would stay for ever.
          socket.allowHalfOpen = false;
          injector.injectConnection(withTakenAuthorities(socket));
        } else http.emit('connection', socket);
      };
      const listeners = [
        ['readable', look],
        ['end', drop],
        ['error', drop],
        ['timeout', drop],
        ['close', forget],
      ] as const;
      for (const [event, listener] of listeners) socket.on(event, listener);
      socket.setTimeout(silenceMs);
    },
    close() {
      for (const socket of silent) socket.destroy();
    },
  };
}
