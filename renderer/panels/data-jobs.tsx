import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataJob } from '../../engine/contract/data-messages.ts';
import { useRuntime } from '../app/runtime.ts';
import { engineText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { showToast } from '../stores/ui-store.ts';
import { formatCount } from './format.ts';

const SHOWN = 4;

/** Imports and exports: those that run, and the last ones that ended. */
export function DataJobs(): ReactElement | null {
  const jobs = useHostStore((state) => state.storage?.jobs);
  if (!jobs || jobs.length === 0) return null;
  return (
    <ul className="data-jobs" data-testid="data-jobs">
      {jobs
        .slice(-SHOWN)
        .reverse()
        .map((job) => (
          <JobLine key={job.id} job={job} />
        ))}
    </ul>
  );
}

function JobLine({ job }: { job: DataJob }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const cancel = async () => {
    try {
      await runtime.storage.cancelJob(job.id);
    } catch (error) {
      showToast('error', t('data.startFailed'), error instanceof Error ? error.message : String(error));
    }
  };
  const note = job.repeated
    ? t('data.repeated')
    : job.kind === 'import' && job.state === 'cancelled'
      ? t('data.resumes')
      : engineText(job.detail);
  return (
    <li
      data-testid="data-job"
      data-state={job.state}
      data-kind={job.kind}
      data-rows={job.rows}
      data-fraction={job.fraction}
    >
      <span className="data-job-kind">{t(`data.job.${job.kind}`)}</span>
      {/* A finished export says its whole path. */}
      {!(job.kind === 'export' && job.state === 'done') && (
        <span className="data-job-name" title={job.name}>
          {job.name}
        </span>
      )}
      {job.state === 'running' && (
        <>
          <progress max={1} value={job.fraction} aria-label={job.name} />
          <span className="num">{Math.floor(job.fraction * 100)}%</span>
        </>
      )}
      <span className="num dim">{t('data.rowsOf', { rows: formatCount(job.rows) })}</span>
      <span className={job.state === 'failed' ? 'down' : job.state === 'done' ? 'up' : 'dim'}>
        {t(`data.jobState.${job.state}`)}
      </span>
      <span className="data-job-note dim" data-testid="data-job-note" title={note}>
        {note}
      </span>
      {job.state === 'running' && (
        <button type="button" className="quiet" data-testid="data-job-cancel" onClick={() => void cancel()}>
          {t('data.cancel')}
        </button>
      )}
    </li>
  );
}
