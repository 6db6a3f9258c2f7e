import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DAY_MS, HOUR_MS } from '../time.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface KeptFolder {
  readonly path: string;
  /** To be called once it is not needed any more. What is kept stays. */
  remove(): void;
}

/** What nobody has used for so long goes, and what a killed process has left unfinished. */
const UNUSED_MS = DAY_MS;

/** Whoever needs it for longer says so this often. */
const IN_USE_MS = HOUR_MS;

/**
 * A folder whose content follows from its name: made once, and kept for all who ask for it, in whatever
 * process. Whole or not there: who fails or is killed while it is made leaves none by that name.
 *
 * @param parent where it is kept; if nothing can be written there, it is made each time
 * @param name asked for before and after it is made: if it is another one then, the content is used, not kept
 * @param make fills an empty folder
 */
export async function keptFolder({
  parent,
  name,
  make,
}: {
  readonly parent: string;
  readonly name: () => string;
  readonly make: (folder: string) => Promise<void>;
}): Promise<KeptFolder> {
  const meant = name();
  const path = join(parent, meant);
  if (existsSync(path)) return inUse(path);
  const made = emptyFolder(parent);
  try {
    await make(made.path);
  } catch (error) {
    made.remove();
    throw error;
  }
  if (dirname(made.path) !== parent || name() !== meant) return made;
  try {
    renameSync(made.path, path);
  } catch (error) {
    // Somebody was faster.
    if (!existsSync(path)) throw error;
  } finally {
    made.remove();
  }
  const kept = inUse(path);
  forgetUnused(parent);
  return kept;
}

function emptyFolder(parent: string): KeptFolder {
  try {
    mkdirSync(parent, { recursive: true });
    return temporaryFolder(parent);
  } catch {
    // Somebody else's, or read-only.
    return temporaryFolder();
  }
}

function inUse(path: string): KeptFolder {
  markUsed(path);
  const timer = setInterval(() => markUsed(path), IN_USE_MS).unref();
  return { path, remove: () => clearInterval(timer) };
}

function markUsed(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // Read-only: then nobody forgets what is unused there either.
  }
}

function forgetUnused(parent: string): void {
  const since = Date.now() - UNUSED_MS;
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    const used = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? since;
    if (used < since) forget(folder);
  }
}

/** Not by its name: who is killed while it goes leaves no half of it that would be taken for the whole. */
function forget(folder: string): void {
  try {
    const going = temporaryFolder(dirname(folder));
    renameSync(folder, join(going.path, 'old'));
    going.remove();
  } catch {
    // Somebody else's, or in use: tidying up is nobody's errand.
  }
}
