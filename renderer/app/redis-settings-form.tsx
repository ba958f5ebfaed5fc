import { type FormEvent, type ReactElement, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RedisSettings } from '../../engine/contract/redis-settings.ts';
import type { Settings } from '../../engine/contract/settings.ts';
import { errorText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { useRuntime } from './runtime.ts';

/** Where the newest ticks are kept. The password goes to the host as soon as it is saved, and is nowhere in the page's state. */
export function RedisSettingsForm({ save }: { save(patch: Partial<Settings>): Promise<boolean> }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const redis = useHostStore((state) => state.settings.redis);
  const [changes, setChanges] = useState<Partial<RedisSettings>>({});
  const [error, setError] = useState('');
  const password = useRef<HTMLInputElement>(null);
  const edited = { ...redis, ...changes };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const field = password.current;
    const typed = field?.value ?? '';
    if (field) field.value = '';
    setError('');
    try {
      // First, and none for another server: the old one's password is not to be sent to it.
      if (typed !== '' || edited.hosts.join() !== redis.hosts.join()) await runtime.host.setRedisPassword(typed);
      if (await save({ redis: edited })) setChanges({});
    } catch (failure) {
      setError(errorText(failure));
    }
  };

  return (
    <form className="form-row top" data-testid="redis-form" onSubmit={(event) => void submit(event)}>
      <span className="form-label">Redis</span>
      <span className="redis-fields">
        <span className="row">
          <input
            className="grow"
            data-testid="redis-hosts"
            aria-label={t('connection.redisHosts')}
            placeholder={t('connection.redisNone')}
            spellCheck={false}
            value={edited.hosts.join(',')}
            onChange={({ target: { value } }) =>
              setChanges({ ...changes, hosts: value.trim() === '' ? [] : value.split(',').map((host) => host.trim()) })
            }
          />
          <button type="submit" className="quiet" data-testid="redis-save">
            {t('form.save')}
          </button>
        </span>
        <span className="row">
          <input
            className="grow"
            aria-label={t('connection.user')}
            placeholder={t('connection.user')}
            spellCheck={false}
            value={edited.user}
            onChange={(event) => setChanges({ ...changes, user: event.target.value.trim() })}
          />
          <input
            className="grow"
            type="password"
            autoComplete="off"
            data-testid="redis-password"
            aria-label={t('connection.password')}
            placeholder={t('connection.password')}
            ref={password}
          />
          {(['tls', 'cluster'] as const).map((name) => (
            <label key={name} className="row">
              <input
                type="checkbox"
                data-testid={`redis-${name}`}
                checked={edited[name]}
                onChange={(event) => setChanges({ ...changes, [name]: event.target.checked })}
              />
              {t(`connection.${name}`)}
            </label>
          ))}
        </span>
        {error !== '' && <span className="form-error">{error}</span>}
      </span>
    </form>
  );
}
