import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import { frameLines, happeningLine, headings, timeOfDay, timeSince, WAY } from './live-view.ts';
import type { Tally } from './tally.ts';

/** Nobody waits for the picture: it must not keep a process that is otherwise done. */
const REFRESH_MS = 200;

export interface Watch {
  /** Names what is going on, besides watching. */
  step(text: string): void;
  /** Leaves the last picture on the screen. */
  end(): void;
}

export interface WatchOptions {
  readonly title: string;
  readonly seconds: number | undefined;
  /** What the time of a line is. */
  readonly times: 'since the start' | 'of the day';
  readonly out: NodeJS.WriteStream;
  /** Lines only, without a picture that is drawn again and again. */
  readonly plain: boolean;
}

/** Shows a session while it runs: a picture on a terminal, one line per happening elsewhere. */
export function startWatch(tally: Tally, options: WatchOptions): Watch {
  const { title, seconds, times, out, plain } = options;
  const startedAt = Date.now();
  const timeOf = times === 'of the day' ? timeOfDay : timeSince(startedAt);
  if (plain || !out.isTTY) {
    let shown = 0;
    const show = () => {
      const unseen = tally.happened - shown;
      const latest = unseen > 0 ? tally.happenings.slice(-unseen) : [];
      for (const happening of latest) {
        write(happeningLine(happening, timeOf));
      }
      shown = tally.happened;
    };
    const write = (text: string) => out.write(`${stripVTControlCharacters(text).trim()}\n`);
    out.write(`callwire: ${title}\n`);
    out.write(`callwire: ${WAY}\n`);
    write(headings(timeOf));
    const timer = setInterval(show, REFRESH_MS).unref();
    return {
      step: (text) => {
        show();
        out.write(`callwire: ${text}\n`);
      },
      end: () => {
        clearInterval(timer);
        show();
      },
    };
  }
  const draw = createLogUpdate(out);
  let step: string | undefined;
  const show = () => {
    const { columns, rows } = out;
    const picture = { title, startedAt, seconds, timeOf, step, columns, rows, now: Date.now() };
    draw(frameLines(tally, picture).join('\n'));
  };
  show();
  const timer = setInterval(show, REFRESH_MS).unref();
  return {
    step: (text) => {
      step = text;
      show();
    },
    end: () => {
      clearInterval(timer);
      step = undefined;
      show();
      draw.done();
    },
  };
}
