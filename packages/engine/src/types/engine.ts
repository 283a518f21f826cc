// SPDX-License-Identifier: Apache-2.0
import type { CredentialStore, Policy, Registries, SignatureStorages } from '@lading/config';
import type { DecryptionKey } from '@lading/image-copy';
import type { Store } from '@lading/storage';
import type { Containers } from './containers.ts';
import type { EngineEvent, EventLogOptions, EventOptions, WatchExitsOptions } from './events.ts';
import type { Images } from './images.ts';
import type { Network } from './network.ts';
import type { Pods } from './pods.ts';
import type { RuntimeHandler } from './runtime-handler.ts';
import type { Secrets } from './secrets.ts';
import type { Usages } from './usage.ts';
import type { Volumes } from './volumes.ts';

/** How images are fetched; each is loaded at the first pull when it is a function. */
export interface RegistryOptions {
  readonly credentials?: CredentialStore | (() => Promise<CredentialStore>);
  readonly registries?: Registries | (() => Promise<Registries>);
  /**
   * What images must fulfil before a layer of them is read. Default: `policy.json` of the machine, where there is one,
   * as with podman and CRI-O; without it every image is taken.
   */
  readonly policy?: Policy | (() => Promise<Policy>);
  /** Where signatures are. Default: as `registries.d` of the machine says. */
  readonly signatureStorages?: SignatureStorages | (() => Promise<SignatureStorages>);
  /** What encrypted layers are decrypted with. Default: an image with such layers is refused. */
  readonly decryptionKeys?: () => Promise<readonly DecryptionKey[]>;
  /** Default: what registries.conf says, else true. */
  readonly tlsVerify?: boolean;
  readonly userAgent?: string;
}

/** Which runtimes there are. */
export interface RuntimeChoice {
  readonly runtimes: Readonly<Record<string, RuntimeHandler>>;
  /** Default: the first of `runtimes`. */
  readonly defaultRuntime?: string;
  /** Those of which there may be containers and pods, but shall be no new ones. Default: none. */
  readonly former?: Readonly<Record<string, RuntimeHandler>>;
  /**
   * Names of runtimes whose monitors are in control groups of their pods, beside those of the containers, and count with
   * them. Not with an `exitCommand`, which would run in such a group and be to remove it. Default: in that of this process.
   */
  readonly monitorsInPods?: readonly string[];
}

export interface EngineOptions extends RuntimeChoice {
  readonly store: Store;
  /** Records; must outlive a reboot. Default `<graphRoot>/lading`. */
  readonly stateDir?: string;
  /** Exit files, pinned namespaces, per-container files; on tmpfs. Default `<runRoot>/lading`. */
  readonly runDir?: string;
  /** Without it only `none`, `host` and `ns:` networks exist. */
  readonly network?: Network;
  readonly registry?: RegistryOptions;
  /** argv that conmon runs when a container has ended; `{id}` is replaced by the container's id. */
  readonly exitCommand?: readonly string[];
  /**
   * argv that calls `checkHealth` for a container, such as `['lading', 'healthcheck', 'run', '{id}']`: what is started with
   * a container that is to be checked from time to time. Without it, that is left to the caller.
   */
  readonly healthCommand?: readonly string[];
  /** Control group of containers that name none. Default `/`: the group `lading-<id>` then has no parent to stay. */
  readonly cgroupParent?: string;
  /** Folders of files that describe CDI devices; later ones win. Default /etc/cdi and /var/run/cdi. */
  readonly cdiSpecDirs?: readonly string[];
  /** Folders of files that describe OCI hooks, read at each start; later ones win. Default: none. */
  readonly hooksDirs?: readonly string[];
  readonly now?: () => Date;
}

/** Containers, pods and images on disk, without a daemon: any number of processes may have one. */
export interface Engine {
  readonly containers: Containers;
  readonly pods: Pods;
  readonly images: Images;
  readonly volumes: Volumes;
  readonly secrets: Secrets;
  readonly usage: Usages;
  /** By name, the default one first; to be asked what they can do. */
  readonly runtimes: Readonly<Record<string, Pick<RuntimeHandler, 'version' | 'features' | 'check'>>>;
  /**
   * Takes other runtimes for the pods that are made from now on. The pods that there are, and all containers in them,
   * keep the handlers that they have for as long as this engine is open, also those that have no name any more.
   *
   * @throws LadingError `invalid_argument` when the default one is not among them; then all stays as it is
   */
  useRuntimes(choice: RuntimeChoice): Promise<void>;
  /** The store that they are in: to check, repair and prune it. What the engine has made is changed through the engine. */
  readonly store: Store;
  /** What this engine did and saw from now on; of other processes it sees only the ends of containers. */
  events(options?: EventOptions): AsyncIterable<EngineEvent>;
  /**
   * Events of all processes since the machine was started, oldest first, from a log that keeps the last megabyte or two.
   */
  eventLog(options?: EventLogOptions): AsyncIterable<EngineEvent>;
  /** Adds an event of now, of what a program has done with the store itself. */
  tell(event: Omit<EngineEvent, 'time'>): void;
  /**
   * Cleans up after containers of any process as they end, so that their ends are among the events; first after those
   * that have ended before. For daemons. Disposing of it ends the watch.
   */
  watchExits(options?: WatchExitsOptions): Promise<AsyncDisposable>;
  /**
   * Takes away what processes that were killed have left half-made: storage of containers without a record, files that
   * were being written, locks of what is gone. What live processes are making stays. For daemons, at their start.
   */
  sweep(): Promise<void>;
  /**
   * Has the default network free the addresses of what there is no more (CNI GC), unless somebody attaches something at
   * this moment. Whatever this engine does not know of is taken for gone: for daemons that have the network for
   * themselves, at their start.
   */
  collectNetworkGarbage(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Containers keep running. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * How the runtimes of {@link openEngine} are found and called. What was made with one that is left out, since the machine was
 * started, is still looked after; it is not there for new pods and containers.
 */
export interface RuntimeDefinitions {
  /**
   * Runtimes by name, each a program with runc's command line, or the path of a {@link RuntimeModule}. Default
   * `{ runc: 'runc' }`.
   */
  readonly runtimes?: Readonly<Record<string, string>>;
  /** Folders in which runtimes have their state, by name. Default: one below the run root. */
  readonly runtimeRoots?: Readonly<Record<string, string>>;
  readonly defaultRuntime?: string;
  /** Default `conmon` in PATH. */
  readonly conmonPath?: string;
  /** Monitors in place of that one, by the name of the runtime. */
  readonly monitorPaths?: Readonly<Record<string, string>>;
  /** Variables of monitors on top of those of this process, by the name of the runtime. */
  readonly monitorEnvs?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How long a call of a runtime may take, by its name. Default four minutes. */
  readonly runtimeTimeoutsMs?: Readonly<Record<string, number>>;
  /**
   * Names of runtimes whose monitors are in control groups of their pods, beside those of the containers, and count with
   * them. Not with an `exitCommand`, which would run in such a group and be to remove it. Default: in that of this process.
   */
  readonly monitorsInPods?: readonly string[];
}

/**
 * For {@link openEngine}: everything from the usual places of the machine. The rest of storage.conf (mount options,
 * additional image stores) counts too, but for a store that is named with both roots.
 */
export interface OpenEngineOptions extends RuntimeDefinitions {
  /** Default: as storage.conf says, else /var/lib/containers/storage. */
  readonly graphRoot?: string;
  /** Default: as storage.conf says, else /run/containers/storage. */
  readonly runRoot?: string;
  /** A root of its own for images. Default: as storage.conf says, else the graph root; without it when both roots are named. */
  readonly imageStore?: string;
  /** Default /etc/cni/net.d. */
  readonly networkConfigDir?: string;
  /** Default /opt/cni/bin and /usr/lib/cni. */
  readonly networkPluginDirs?: readonly string[];
  /** Set plain bridge networks up without the CNI programs. Default true. */
  readonly networkBuiltIn?: boolean;
  /** Name of the default network. Default: the first in the folder. */
  readonly defaultNetwork?: string;
  readonly registry?: RegistryOptions;
  readonly exitCommand?: readonly string[];
  readonly healthCommand?: readonly string[];
  readonly cgroupParent?: string;
  /** Folders of files that describe CDI devices; later ones win. Default /etc/cdi and /var/run/cdi. */
  readonly cdiSpecDirs?: readonly string[];
  /** Folders of files that describe OCI hooks, read at each start; later ones win. Default: none. */
  readonly hooksDirs?: readonly string[];
}

/** What {@link openEngine} gives. */
export interface OpenedEngine extends Engine {
  /**
   * As {@link Engine.useRuntimes}; a runtime that is defined as before is left alone.
   *
   * @throws LadingError `invalid_argument` for a module that cannot be loaded; then all stays as it is
   */
  loadRuntimes(definitions: RuntimeDefinitions): Promise<void>;
}
