// SPDX-License-Identifier: Apache-2.0
import {
  type CallContext,
  type ContainerEventResponse,
  ContainerEventType,
  type GetEventsRequest,
  type Input,
} from '@lading/cri-api';
import type { Engine, EngineEvent } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { containersStatuses } from './container-status.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { findContainer, findPod, isUnknown } from './find.ts';
import { containerMetadataOf, podMetadataOf } from './metadata.ts';
import { podStatus } from './sandboxes.ts';
import { nanosecondsOf } from './time.ts';

/** Events of containers and sandboxes, from the moment that this is made. */
export interface ContainerEvents extends AsyncDisposable {
  readonly handlers: {
    getContainerEvents(
      request: GetEventsRequest,
      context: CallContext,
    ): AsyncIterable<Input<ContainerEventResponse>>;
  };
}

export interface ContainerEventsOptions {
  /** Told when a reader is too slow. */
  readonly onWarning: (message: string) => void;
  /** Called for each event that a reader has lost. */
  readonly onDrop?: (() => void) | undefined;
  /** Hears of all events of the engine. */
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
}

/** What is known of an event before its reader asks: the statuses are looked up then. */
interface Happened {
  readonly id: string;
  readonly podId: string;
  readonly type: ContainerEventType;
  readonly time: string;
}

/** Events that wait for one reader; and those of a time without any, for the first who comes. */
const limit = 1000;

const types: Readonly<Record<string, readonly ContainerEventType[]>> = {
  'container create': [ContainerEventType.CONTAINER_CREATED_EVENT],
  'container start': [ContainerEventType.CONTAINER_STARTED_EVENT],
  'container died': [ContainerEventType.CONTAINER_STOPPED_EVENT],
  'container remove': [ContainerEventType.CONTAINER_DELETED_EVENT],
  // A sandbox is a container to CRI, which is started as it is made.
  'pod create': [ContainerEventType.CONTAINER_CREATED_EVENT, ContainerEventType.CONTAINER_STARTED_EVENT],
  'pod stop': [ContainerEventType.CONTAINER_STOPPED_EVENT],
  'pod remove': [ContainerEventType.CONTAINER_DELETED_EVENT],
};

/** Follows the engine's events; its exits are among them where {@link Engine.watchExits} runs. */
export async function followContainerEvents(
  engine: Engine,
  options: ContainerEventsOptions,
): Promise<ContainerEvents> {
  const stop = new AbortController();
  const readers = new Set<EventQueue<Happened>>();
  let unheard: Happened[] = [];
  // Of what is gone no record says any more whether it was CRI's.
  const pods = new Map<string, string>();

  function tell(happened: Happened): void {
    for (const reader of readers) reader.push(happened);
    if (readers.size > 0) return;
    unheard.push(happened);
    if (unheard.length > limit) unheard.shift();
  }

  async function podOf({ type, action, id }: EngineEvent): Promise<string | undefined> {
    const known = pods.get(id);
    if (action === 'remove') pods.delete(id);
    if (known !== undefined) return known;
    try {
      const podId = type === 'pod' ? (await findPod(engine, id)).pod.id : await podOfContainer(id);
      if (podId !== undefined) pods.set(id, podId);
      return podId;
    } catch (error) {
      // One that cannot be looked up must not be the last that is told.
      if (!isUnknown(error)) {
        const { message } = LadingError.from(error);
        options.onWarning(`nobody is told of the ${action} of ${type} ${id}: ${message}`);
      }
      return undefined;
    }
  }

  async function podOfContainer(id: string): Promise<string | undefined> {
    return (await findContainer(engine, id)).container.podId;
  }

  async function follow(events: AsyncIterable<EngineEvent>): Promise<void> {
    for await (const event of events) {
      options.onEvent?.(event);
      const wanted = types[`${event.type} ${event.action}`] ?? [];
      if (wanted.length === 0) continue;
      const podId = await podOf(event);
      if (podId === undefined) continue;
      for (const type of wanted) tell({ id: event.id, podId, type, time: event.time });
    }
  }

  const events = engine.events({ signal: stop.signal });
  try {
    for (const pod of await engine.pods.list()) if (podMetadataOf(pod)) pods.set(pod.id, pod.id);
    for (const container of await engine.containers.list({ all: true })) {
      if (containerMetadataOf(container) && container.podId) pods.set(container.id, container.podId);
    }
  } catch (error) {
    // A damaged record must not keep the daemon from those that are whole.
    options.onWarning(LadingError.from(error).message);
  }
  const following = follow(events);
  following.catch((error: unknown) => options.onWarning(`container events have ended: ${String(error)}`));

  return {
    handlers: {
      async *getContainerEvents(_request, { signal }) {
        const ended = AbortSignal.any([signal, stop.signal]);
        let isTold = false;
        const queue = createEventQueue<Happened>({
          limit,
          signal: ended,
          first: unheard,
          onDrop() {
            options.onDrop?.();
            if (!isTold) options.onWarning('a reader of container events is too slow; it loses the oldest');
            isTold = true;
          },
        });
        unheard = [];
        readers.add(queue);
        try {
          for await (const happened of queue) {
            yield await responseOf(engine, happened);
          }
        } finally {
          readers.delete(queue);
        }
      },
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

/** The event with the statuses of its sandbox and the containers in it as they are now; none of what is gone. */
async function responseOf(
  engine: Engine,
  { id, podId, type, time }: Happened,
): Promise<Input<ContainerEventResponse>> {
  const event = { containerId: id, containerEventType: type, createdAt: nanosecondsOf(time) };
  try {
    const { pod, kept } = await findPod(engine, podId);
    const podSandboxStatus = podStatus(pod, kept);
    return {
      ...event,
      podSandboxStatus,
      containersStatuses: await containersStatuses(engine, pod.containerIds),
    };
  } catch (error) {
    if (isUnknown(error)) return event;
    throw error;
  }
}
