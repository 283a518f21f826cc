// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { copyImage, evaluatePolicy, type ImageSource, openDestination } from '@lading/image-copy';
import { type Image, imageSource, readImage } from '@lading/image-edit';
import { digestBytes, encodeJson, type Platform } from '@lading/image-spec';
import { platformChoice } from './image-repository.ts';
import { referenceByDigest } from './reference-by-digest.ts';
import { transportContext } from './registry-context.ts';
import { createReporter } from './reporter.ts';
import { newSignatureOptions } from './signers.ts';
import type { FlagPrefix } from './specs/registry-flags.ts';
import { trustPolicy } from './trust-policy.ts';
import { withSource } from './with-source.ts';

/** Reads an image that the trust policy lets be used, for as long as `action` takes. */
export async function withImage<T>(
  call: CommandCall,
  text: string,
  prefix: FlagPrefix,
  signal: AbortSignal,
  action: (image: Image) => Promise<T>,
): Promise<T> {
  return withSource(call, text, prefix, async (source) =>
    action(await checkedImage(call, source, platformChoice(call), signal)),
  );
}

/** What was made of an image is not what was signed: the policy is asked about the image itself. */
export async function checkedImage(
  call: CommandCall,
  source: ImageSource,
  platform: Platform,
  signal: AbortSignal,
): Promise<Image> {
  const top = await source.manifest(undefined, { signal });
  const once: ImageSource = {
    ...source,
    manifest: async (instance, options) =>
      instance === undefined ? top : await source.manifest(instance, options),
  };
  const image = await readImage(once, { platform, signal });
  const policy = await trustPolicy(call);
  const bytes = encodeJson(image.manifest);
  const digest = await digestBytes(bytes);
  const instance = digest === top.digest ? undefined : digest;
  await evaluatePolicy(
    policy,
    {
      reference: source.reference,
      location: source.location,
      name: await source.policyName?.({ signal }),
      manifest: bytes,
      bundles: async () => (await source.sigstoreBundles?.({ digest, instance }, { signal })) ?? [],
      signatures: async () => (await source.signatures?.({ digest, instance }, { signal })) ?? [],
    },
    { requireSigned: call.flags.boolean('require-signed') },
  );
  return image;
}

/** Writes what was made, and prints it by digest. */
export async function writeImage(
  call: CommandCall,
  made: Image | ImageSource,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const source = 'close' in made ? made : await imageSource(made);
  const destination = await openDestination(to, await transportContext(call, to, 'dest-'));
  const reporter = createReporter(call);
  try {
    const { descriptor } = await copyImage(source, destination, {
      platform: 'all',
      ...(await newSignatureOptions(call)),
      signal,
      onProgress: reporter.onProgress,
    });
    reporter.end();
    await call.environment.stdout(`${referenceByDigest(to, descriptor.digest)}\n`);
  } finally {
    reporter.end();
    await destination.close();
  }
}
