// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { AppliedLayer, ApplyOptions, Change, LayerSource } from '@lading/layer';
import type { Fault } from './check/fault.ts';
import type {
  CheckOptions,
  Garbage,
  Pruned,
  PruneOptions,
  RepairOptions,
  RepairReport,
} from './check/types.ts';
import type { ContainerRecord, IdMapping, ImageRecord, LayerRecord } from './records.ts';

/** Options of {@link openStore}. */
export interface StoreOptions {
  /** Layers, images and containers, as `graphroot` in storage.conf. Made when missing. */
  readonly graphRoot: string;
  /** What need not outlive the machine's boot, as `runroot`. Made when missing. */
  readonly runRoot: string;
  /**
   * A root of its own for images and their layers, as `imagestore`: containers stay in the graph root. What the graph root
   * has of images is found too, and can be removed. Made when missing. podman 4 and its kin do not know such stores: they
   * see the images with the root as one of their `additionalimagestores`. Default: the graph root.
   */
  readonly imageStore?: string | undefined;
  /**
   * Graph roots of other stores whose images can be used and are never changed, as `additionalimagestores`. Those that are
   * not there count for nothing. Default: none.
   */
  readonly additionalImageStores?: readonly string[] | undefined;
  /** Options of every mount, as `mountopt`: `nodev`, `metacopy=on` and so on. Default: none. */
  readonly mountOptions?: readonly string[] | undefined;
  /** Whether containers with the flag `Volatile` are mounted so; not, with `disable-volatile`. Default true. */
  readonly volatileMounts?: boolean | undefined;
  /**
   * Whether files of layers may be used for others, so that those need not be fetched as a whole, as `enable_partial_images`
   * of `pull_options`. Default true.
   */
  readonly partialImages?: boolean | undefined;
  /**
   * Whether the folder of the driver is a private mount of its own while something is mounted in it, so that mounts are not
   * copied into other mount namespaces; not, with `skip_mount_home`. Default true.
   */
  readonly homeMount?: boolean | undefined;
  /**
   * `filesystem`: the file system of a layer is synced before the record says that the layer is whole, so that a machine
   * that loses power has no layer with empty files; adding one takes longer. Default `none`, as `sync`.
   */
  readonly sync?: 'none' | 'filesystem' | undefined;
  /**
   * Whether the kernel shows the layers below a container with mapped ids with other owners, where it and the file system
   * can. Else an image is copied once for each pair of maps, as everywhere before Linux 5.19. Default true; false with
   * `_CONTAINERS_OVERLAY_DISABLE_IDMAP=yes`.
   */
  readonly idMappedMounts?: boolean | undefined;
  /**
   * Whether records of containers with the flag `Volatile` are in volatile-containers.json and volatile-layers.json, which are
   * written without waiting for the disk, as CRI-O and podman 5 have it. podman 4 and its kin do not read these files, and
   * delete the layers below such a container. Default false.
   */
  readonly volatileRecords?: boolean | undefined;
  /**
   * With `transient_store`: all containers are volatile, and their records are in the run root. After a reboot they are
   * unknown, and `collectGarbage` removes what they have left. All tools that use the store must be set so. Default false.
   */
  readonly transientStore?: boolean | undefined;
  /**
   * Whether files that this process may not give to their owners stay its own, instead of being an error, as
   * `ignore_chown_errors`: for a user with one id alone. `check` compares no owners then. Default false.
   */
  readonly ignoreChownErrors?: boolean | undefined;
  /**
   * How much each container may write that does not say so itself, as `overlay.size` and `overlay.inodes`. Needs xfs or ext4
   * that is mounted with `prjquota`. Default: no limit.
   */
  readonly quota?: StorageQuota | undefined;
  /** Where ids for containers with maps that the store chooses come from. */
  readonly autoIds?: AutoIdOptions | undefined;
  readonly signal?: AbortSignal;
}

/** How much a container may write on the disk; what is left out has no limit. */
export interface StorageQuota {
  readonly sizeBytes?: number | undefined;
  readonly inodes?: number | undefined;
}

/** What the store gives to containers whose maps it chooses, as storage.conf has it. */
export interface AutoIdOptions {
  /** Whose ids in the files below they are, as `root-auto-userns-user`. Default `containers`. */
  readonly user?: string | undefined;
  /** The fewest that a container gets, as `auto-userns-min-size`. Default 1024. */
  readonly minSize?: number | undefined;
  /** The most, as `auto-userns-max-size`. Default 65536. */
  readonly maxSize?: number | undefined;
  /** Default `/etc/subuid`. In a user namespace the ids come from that. */
  readonly subUidPath?: string | undefined;
  /** Default `/etc/subgid`. */
  readonly subGidPath?: string | undefined;
}

/** What a container needs of maps that the store chooses. */
export interface AutoIdMaps {
  /** So many ids. Default: as many as the image has: in its files, its users and its groups. */
  readonly size?: number | undefined;
  /** At least so many, when the image says. Default 1. */
  readonly initialSize?: number | undefined;
  /** A file of users on this machine in place of the image's /etc/passwd. */
  readonly passwdFile?: string | undefined;
  /** A file of groups on this machine in place of the image's /etc/group. */
  readonly groupFile?: string | undefined;
  /** Ranges that the container has beside those that are chosen. */
  readonly additionalUidMap?: readonly IdMapping[] | undefined;
  readonly additionalGidMap?: readonly IdMapping[] | undefined;
}

/** What can be changed of a record. What is left out stays as it is. */
export interface RecordEdit {
  /** All names that it has from now on. */
  readonly names?: readonly string[] | undefined;
  /** Free text; empty for none. */
  readonly metadata?: string | undefined;
  /** Flags to set, beside those that are there; one that is `undefined` is taken away. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of every call that may wait for a lock. */
export interface CallOptions {
  /** Ends the wait. Default: wait as long as it takes. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The local store, as containers/storage lays it out on disk with the overlay driver. Other processes, and podman,
 * buildah, skopeo and CRI-O, may work on it at the same time; every call sees what they did before it.
 */
export interface Store extends AsyncDisposable {
  readonly graphRoot: string;
  readonly runRoot: string;
  /** The root of images, where they are apart. */
  readonly imageStore: string | undefined;
  readonly layers: Layers;
  readonly images: Images;
  readonly containers: Containers;
  /**
   * Looks for faults, those that `podman system check` finds and more. Changes nothing, and holds locks for moments
   * only; what others change meanwhile is no fault. A store without faults gives nothing.
   *
   * @throws LadingError `canceled` or `deadline_exceeded`; `permission_denied` when something cannot be read
   */
  check(options?: CheckOptions): AsyncIterable<Fault>;
  /**
   * Mends what can be mended with certainty: links, lists of layers below, counts of mounts, leftovers, and files of
   * records, which are written anew from what the folders say. Then removes images and layers whose bytes are gone,
   * and containers with `force`. The locks of the store are held while it mends.
   *
   * @throws LadingError `canceled` or `deadline_exceeded`; `permission_denied`; `resource_exhausted`
   */
  repair(options?: RepairOptions): Promise<RepairReport>;
  /**
   * Removes what belongs to no record: folders of layers, images and containers, tar-split files, short links, and
   * work in progress of processes that are gone. As `podman system prune --external` and the start of CRI-O do; where
   * records were lost, what could be theirs is left alone.
   */
  collectGarbage(options?: CallOptions): Promise<Garbage>;
  /** Deletes images that nothing uses, by the rules of `podman image prune`; no container's. */
  prune(options?: PruneOptions): Promise<Pruned>;
  /** Takes the store's own mount away when nothing is mounted any more. Any number of times. */
  close(): Promise<void>;
}

export interface StageOptions extends CallOptions {
  /** Of the bytes as they come. */
  readonly expectedDigest?: Digest;
  /** The source verifies that digest itself, and fails when the bytes are others. Default false. */
  readonly isVerified?: boolean | undefined;
  /** Of the uncompressed archive. Must be SHA-256. */
  readonly expectedDiffId?: Digest;
  /**
   * Of the zstd:chunked table of contents that the files were taken by, for the record: such a layer comes as an archive
   * that is not compressed, and nobody has seen its blob. Default: none.
   */
  readonly tocDigest?: Digest | undefined;
  /** How much a layer may have. Default: the limits of `@lading/layer`. */
  readonly limits?: ApplyOptions['limits'];
  readonly onProgress?: ApplyOptions['onProgress'];
}

export interface AddLayerOptions extends StageOptions {
  /** Id of the layer below. Default: it is a base layer. */
  readonly parent?: string;
}

/** A layer that is unpacked and in nobody's sight. It must be committed or discarded. */
export interface StagedLayer extends AsyncDisposable {
  readonly applied: AppliedLayer;
  /**
   * Makes it a layer of the store, on top of another one. When that layer is there already, by whoever's hand, the one
   * that is there is given back.
   *
   * @throws LadingError `not_found` for an unknown parent; `failed_precondition` for the layer of a container as parent
   */
  commit(parent?: string, options?: CallOptions): Promise<LayerRecord>;
  /** Removes it, unless it was committed. Any number of times. */
  discard(): Promise<void>;
}

/** What a layer takes on the disk. */
export interface LayerUsage {
  /** Lengths of its files and links; one with several names counts once. */
  readonly bytes: number;
  /** Files, links and folders, the uppermost among them. */
  readonly inodes: number;
}

export interface Layers {
  list(options?: CallOptions): Promise<readonly LayerRecord[]>;
  get(id: string, options?: CallOptions): Promise<LayerRecord | undefined>;
  /** The id that a layer has in every store. */
  idFor(parent: string | undefined, diffId: Digest): string;
  /**
   * Unpacks a layer (tar, plain or compressed with gzip, zstd, bzip2 or xz) and adds it. Nothing is visible before both digests
   * have matched. With `expectedDiffId`, a layer that is there already is given back and the source is not read.
   *
   * @throws LadingError `data_loss` with reason `DIGEST_MISMATCH`; those of {@link StagedLayer.commit} and of
   * `applyLayer` of `@lading/layer`
   */
  add(source: LayerSource, options?: AddLayerOptions): Promise<LayerRecord>;
  /** The first half of {@link Layers.add}: layers can be unpacked side by side, and committed in order. */
  stage(source: LayerSource, options?: StageOptions): Promise<StagedLayer>;
  /**
   * The layer's uncompressed archive, byte for byte as it was, so that its digest is the diffID. One that never was an
   * archive, such as a container's, is packed as its files are now. Takes no lock while it flows. Each file is checked
   * by the CRC-64 that is kept of it; the digest of the whole is the caller's to check.
   *
   * @throws LadingError `not_found`; `data_loss` when a file was changed; those of `packUpper` of `@lading/layer`
   */
  open(id: string, options?: CallOptions): LayerSource;
  /**
   * Says that this call's maker is about to add the layer of that id, so that it is fetched once: who claims it too, in
   * whichever process, waits until the claim is disposed of, and should then look for the layer. A claim ends with its
   * process. Who claims several takes the lower layers first. Other tools know nothing of claims.
   */
  claim(id: string, options?: CallOptions): Promise<AsyncDisposable>;
  /**
   * The folders that the layers of images were unpacked into, the latest first: to take files from that are there already.
   * Nothing holds them, and nobody but the store may change what is in them. None where `partialImages` is false.
   */
  contentFolders(options?: CallOptions): Promise<readonly string[]>;
  /** What a layer changes of those below it. @throws LadingError `not_found` */
  changes(id: string, options?: CallOptions): AsyncIterable<Change>;
  /** Measures the files of a layer, without those below it. @throws LadingError `not_found` */
  usage(id: string, options?: CallOptions): Promise<LayerUsage>;
  /** Changes a record. @throws LadingError `not_found`; `already_exists` for a name of another layer; `invalid_argument` */
  edit(id: string, edit: RecordEdit, options?: CallOptions): Promise<LayerRecord>;
  /** What is kept with a layer under a key; undefined when nothing is. @throws LadingError `not_found`; `data_loss` */
  bigData(id: string, key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  /** Keeps bytes with a layer; they are deleted with it. @throws LadingError `not_found`; `invalid_argument` for the key */
  setBigData(id: string, key: string, bytes: Uint8Array, options?: CallOptions): Promise<LayerRecord>;
  /** @throws LadingError `not_found`; `failed_precondition` while something uses it, naming what */
  delete(id: string, options?: CallOptions): Promise<void>;
}

/** Bytes under their digest. */
export interface DigestedBytes {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface NewImage {
  /** Hex of the config's digest; of a list of images, which has none, 64 random hex characters. */
  readonly id: string;
  /** `host/path:tag` or `host/path@digest`. A name that another image has moves to this one. */
  readonly names?: readonly string[];
  /** Id of the uppermost layer. Default: an image without layers. */
  readonly topLayer?: string;
  /** Of the manifest that was asked for. */
  readonly digest: Digest;
  /** The image's manifest and, before it, the index that it was chosen from. */
  readonly manifests: readonly DigestedBytes[];
  /** Left out for a list of images, which is an index alone, without layers. */
  readonly config?: DigestedBytes | undefined;
  /** What else is kept with the image, by its key: its signatures, for one. */
  readonly data?: ReadonlyMap<string, Uint8Array>;
  /** A note in JSON, which says for one how long the signatures are. Default: that of an image that is there. */
  readonly metadata?: string;
  /** Default: now. */
  readonly created?: Date | string;
}

/** What an image takes on the disk, in bytes. */
export interface ImageUsage {
  readonly id: string;
  readonly sizeBytes: number;
  /** Of layers that other images have too. */
  readonly sharedBytes: number;
  /** The rest. */
  readonly uniqueBytes: number;
}

export interface DeleteImageOptions extends CallOptions {
  /** Delete it though containers were made from it, which keep its layers, or it is mounted. Default false. */
  readonly force?: boolean;
}

/** Images. Where a call takes an id, it is the full one: look for others with {@link Images.find}. */
export interface Images {
  list(options?: CallOptions): Promise<readonly ImageRecord[]>;
  /**
   * By id, name, digest of a manifest, or unique start of an id; `sha256:` before an id is allowed.
   * @throws LadingError `invalid_argument` when several ids begin so
   */
  find(ref: string, options?: CallOptions): Promise<ImageRecord | undefined>;
  /**
   * Adds an image, or a list of images. One that is there gets the names and manifests that it lacks.
   *
   * @throws LadingError `invalid_argument` for a name that is no full reference; `data_loss` when bytes are not what
   * their digest says; `failed_precondition` when the layer is not there
   */
  create(image: NewImage, options?: CallOptions): Promise<ImageRecord>;
  /**
   * Gives an image a name, taking it from the image that has it. One of a store that is only read is copied into this one,
   * without its layers.
   * @throws LadingError `not_found`, `invalid_argument`
   */
  addName(id: string, name: string, options?: CallOptions): Promise<ImageRecord>;
  /** @throws LadingError `not_found` for an unknown image, or a name that it does not have */
  removeName(id: string, name: string, options?: CallOptions): Promise<ImageRecord>;
  /**
   * Deletes an image with all its names, and the layers that nothing else uses. Gives the ids of those.
   * @throws LadingError `not_found`; `failed_precondition` with reason `IMAGE_IN_USE` naming the container
   */
  delete(id: string, options?: DeleteImageOptions): Promise<readonly string[]>;
  /** Bytes of the image's own manifest. @throws LadingError `not_found`; `data_loss` */
  readManifest(id: string, options?: CallOptions): Promise<Uint8Array>;
  /** Bytes of the config document. @throws LadingError `not_found`; `data_loss` */
  readConfig(id: string, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Mounts an image for reading only, or counts once more; gives the folder.
   * @throws LadingError `not_found`; `failed_precondition` for an image without layers
   */
  mount(id: string, options?: CallOptions): Promise<string>;
  /** Undoes one mount; nothing when it is not mounted. @throws LadingError `not_found` */
  unmount(id: string, options?: UnmountOptions): Promise<void>;
  /** Where it is mounted; undefined where it is not. @throws LadingError `not_found` */
  mountpoint(id: string, options?: CallOptions): Promise<string | undefined>;
  /**
   * Bytes that an image takes: its uncompressed layers and what is kept beside its record, as all tools count it.
   * @throws LadingError `not_found`
   */
  size(id: string, options?: CallOptions): Promise<number>;
  /** What each image takes, and what would be free without it, as `podman system df` has it. */
  usage(options?: CallOptions): Promise<readonly ImageUsage[]>;
  /** What is kept under a key, such as `manifest-sha256:…`; undefined when nothing is. @throws LadingError `not_found`; `data_loss` */
  bigData(id: string, key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  /**
   * Keeps bytes with an image under a key, such as `signatures`; a key that begins with `manifest` makes the image found
   * by the digest of the bytes.
   * @throws LadingError `not_found`; `invalid_argument` for a key that cannot be a file's name
   */
  setBigData(id: string, key: string, bytes: Uint8Array, options?: CallOptions): Promise<ImageRecord>;
  /** Changes a record; names are taken from the images that have them. @throws LadingError `not_found`; `invalid_argument` */
  edit(id: string, edit: RecordEdit, options?: CallOptions): Promise<ImageRecord>;
  /**
   * Does work while it holds the lock by which tools that change a list of images take turns, so that what one adds is
   * not lost to another.
   */
  exclusively<T>(id: string, work: () => Promise<T>, options?: CallOptions): Promise<T>;
}

export interface NewContainer {
  /** 64 hex characters. Default: random. */
  readonly id?: string;
  /** Unique among containers. */
  readonly names?: readonly string[];
  /** Id of the image that it is made from. */
  readonly imageId?: string;
  /** Id of the layer below its own. Default: the image's uppermost one, or none. */
  readonly layer?: string;
  /** Free text. */
  readonly metadata?: string;
  /**
   * What users and groups of the container are on the disk, for one with a user namespace of its own. The layers below
   * are mounted with these owners; where that cannot be, a copy of the image is kept that has them, for this container and
   * the next with the same maps. Default: the same.
   */
  readonly uidMap?: readonly IdMapping[] | undefined;
  readonly gidMap?: readonly IdMapping[] | undefined;
  /**
   * Has the store choose both, from ids that no other container has, as `--userns=auto`; the record says which they are.
   * Takes the place of `uidMap` and `gidMap`.
   */
  readonly autoMaps?: AutoIdMaps | undefined;
  /**
   * How much it may write; what is left out is as the store's options have it.
   * @throws (from `create`) LadingError `failed_precondition` with reason `NO_PROJECT_QUOTA` where nothing can be limited
   */
  readonly quota?: StorageQuota | undefined;
  /**
   * `Volatile: true` lets the kernel keep its writes in memory; they need not outlive the machine. `MountLabel`, an
   * SELinux label, and `MountOpts`, a list of words in place of the store's `mountOptions`, are for its mount.
   */
  readonly flags?: Readonly<Record<string, unknown>>;
}

export interface UnmountOptions extends CallOptions {
  /** Unmount however often it was mounted. Default: only the last of as many calls does. */
  readonly force?: boolean;
}

export interface CommitContainerOptions extends CallOptions {
  /** Later times in the layer are cut to this one, as SOURCE_DATE_EPOCH wants it. Default: none are cut. */
  readonly mtime?: Date | undefined;
}

/** What a container takes on the disk. */
export interface ContainerSize {
  /** Lengths of the files and links in the container's own layer, in bytes. */
  readonly writableBytes: number;
  /** Files, links and folders of that layer. */
  readonly writableInodes: number;
  /** The same of the layers below it, as podman has it. */
  readonly rootfsBytes: number;
}

/** Containers. `ref` is an id, a name, the id of the container's layer, or a unique start of an id. */
export interface Containers {
  list(options?: CallOptions): Promise<readonly ContainerRecord[]>;
  /** @throws LadingError `invalid_argument` when several ids begin so */
  find(ref: string, options?: CallOptions): Promise<ContainerRecord | undefined>;
  /**
   * Makes a container's layer, folders and record; mounts nothing.
   * @throws LadingError `not_found` for an unknown image or layer; `already_exists` naming who has the id or name;
   * `invalid_argument` for id maps that are none; `resource_exhausted` with reason `NO_IDS` when none are left to choose
   */
  create(container: NewContainer, options?: CallOptions): Promise<ContainerRecord>;
  /**
   * Mounts its root file system, or counts once more; gives the folder.
   * @throws LadingError `not_found`; `unimplemented` with reason `ID_MAPPED_MOUNT` for id maps that the kernel cannot mount
   */
  mount(ref: string, options?: CallOptions): Promise<string>;
  /** Undoes one mount; nothing when it is not mounted. @throws LadingError `not_found` */
  unmount(ref: string, options?: UnmountOptions): Promise<void>;
  /** Where it is mounted; undefined where it is not. @throws LadingError `not_found` */
  mountpoint(ref: string, options?: CallOptions): Promise<string | undefined>;
  /**
   * Lists what a container changed of its image, as `podman diff` does.
   * @throws LadingError `not_found`
   */
  changes(ref: string, options?: CallOptions): AsyncIterable<Change>;
  /**
   * The tar of what a container changed of its image, with the owners that it sees. Stop or pause what writes to it, or
   * the archive is of no one moment.
   *
   * @throws LadingError `not_found`; those of `packUpper` of `@lading/layer`
   */
  diff(ref: string, options?: CommitContainerOptions): AsyncIterable<Uint8Array>;
  /**
   * Makes a layer of what a container changed, on top of the one that the container was made on. The container is as
   * it was.
   *
   * @throws LadingError `not_found`; those of `packUpper` and `applyLayer` of `@lading/layer`
   */
  commit(ref: string, options?: CommitContainerOptions): Promise<LayerRecord>;
  /** Measures a container's layers. @throws LadingError `not_found` */
  size(ref: string, options?: CallOptions): Promise<ContainerSize>;
  /** Unmounts a container, and deletes it with its layer and folders. @throws LadingError `not_found` */
  delete(ref: string, options?: CallOptions): Promise<void>;
  /** Changes a record. @throws LadingError `not_found`; `already_exists` for the name of another container */
  edit(ref: string, edit: RecordEdit, options?: CallOptions): Promise<ContainerRecord>;
  /** What is kept with a container under a key; undefined when nothing is. @throws LadingError `not_found`; `data_loss` */
  bigData(ref: string, key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  /** Keeps bytes with a container; they are deleted with it. @throws LadingError `not_found`; `invalid_argument` for the key */
  setBigData(ref: string, key: string, bytes: Uint8Array, options?: CallOptions): Promise<ContainerRecord>;
  /** A folder of the container's that lasts as long as it; the caller may put files there. */
  directory(id: string): string;
  /** The same in the run root; it may be gone after a reboot. */
  runDirectory(id: string): string;
}
