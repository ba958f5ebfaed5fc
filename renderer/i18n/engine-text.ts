/**
 * What the engine says, in the language of the page. The engine writes English: it goes into journals and logs as well.
 * A line that is not known here stays as it came, so that nothing is ever hidden.
 */
import { i18n } from './i18n.ts';

type Rule = readonly [pattern: RegExp, korean: string];

/** `$1`.. stand for the groups; `{1}`.. are groups that are translated themselves. */
const RULES: readonly Rule[] = [
  // Rails
  [/^Book: expected live, was not.*$/, '호가: 정상이 아니어서 주문할 수 없습니다. 정상이 되면 가능합니다'],
  [/^Order size: expected at most (\S+) (\S+), was (\S+)$/, '주문 수량: 최대 $1 $2, 입력 $3'],
  [
    /^Position with working orders: expected at most (\S+) (\S+) either way.*$/,
    '포지션 한도(미체결 포함): 최대 $1 $2, 이 주문은 한도를 넘습니다',
  ],
  [/^Order value: expected at most (\S+) (\S+), was (\S+)$/, '주문 금액: 최대 $1 $2, 입력 $3'],
  [/^Order value: expected at least (\S+) (\S+), was (\S+)$/, '주문 금액: 최소 $1 $2, 입력 $3'],
  [/^Price: expected within (\S+) bps of (\S+), was (\S+)$/, '가격 제한: 기준가 $2의 $1 bps 이내, 입력 $3'],
  [/^Order rate: expected at most (\S+) a second, was more$/, '주문 속도: 초당 최대 $1건을 넘었습니다'],
  [
    /^Day's loss: expected below (\S+) (\S+), was ([^;]+);.*$/,
    '일일 손실 한도: $1 $2 미만, 현재 $3. 포지션을 줄이는 주문만 가능합니다',
  ],
  [/^Kill switch: expected released, was active$/, '킬 스위치가 작동 중입니다. 먼저 해제하세요'],
  [/^Reference price: expected a mid or a last trade, was neither$/, '기준가가 없습니다: 중간가도 최근 체결가도 없음'],
  [/^Reduce-only order: .*$/, '포지션 축소 전용 주문: 줄일 포지션이 없습니다'],
  [/^Order entry: expected a connection, was down$/, '주문 연결이 끊겨 있습니다'],
  [/^Open orders: expected at most (\S+), was (\S+) already$/, '미체결 주문: 최대 $1건, 현재 $2건'],
  // Orders
  [/^Order (\d+) is over already$/, '주문 $1은 이미 끝났습니다'],
  [/^Order (\d+) is being cancelled already$/, '주문 $1은 이미 취소 중입니다'],
  [/^Order (\d+) rejected: (.*)$/, '주문 $1 거부: {2}'],
  [/^Adopted the open order (.+) found at the venue$/, '거래소에 남아 있던 주문 $1을(를) 이어받았습니다'],
  [/^Order entry is down: .*$/, '주문 연결이 끊겨 주문도 취소도 보낼 수 없습니다'],
  [/^order entry is down: not sent$/, '주문 연결이 끊겨 보내지 못했습니다'],
  [/^Unknown order sent\. \((-?\d+)\)$/, '거래소가 모르는 주문입니다 ($1)'],
  // Symbols that are watched, added, removed
  [/^Inverse contracts \((\S+)\) can be watched, not traded$/, '인버스(코인 마진) 계약은 조회만 할 수 있습니다 ($1)'],
  [/^Contracts of (\S+) can be watched, not traded$/, '$1 계약은 조회만 할 수 있습니다'],
  [/^This session sends its orders to (\S+) alone$/, '이 세션의 주문은 $1(으)로만 나갑니다'],
  [/^(\S+) has (\d+) working orders?: cancel first$/, '$1 미체결 주문 $2건이 있습니다. 먼저 취소하세요'],
  [/^(\S+) has an open position: close it first$/, '$1 포지션이 남아 있습니다. 먼저 청산하세요'],
  [/^(\S+) is traded by the running strategy: stop it first$/, '전략이 $1을(를) 거래하고 있습니다. 먼저 중지하세요'],
  [
    /^(\S+) is the only symbol of the session: add another first$/,
    '세션의 마지막 종목입니다. 먼저 다른 종목을 추가하세요',
  ],
  [/^symbol: expected one that (\S+) trades, was (\S+)$/, '$1에 없는 종목입니다: $2'],
  [/^symbol: (\S+) does not trade at (\S+) now \((.*)\)$/, '$2에서 지금 거래되지 않는 종목입니다: $1 ($3)'],
  [/^venue: expected one that this session can reach, was (\S+)$/, '이 세션에서 연결할 수 없는 거래소입니다: $1'],
  [/^(\S+) cannot be reached by this session$/, '이 세션에서 연결할 수 없습니다: $1'],
  [/^its list is still being read$/, '종목 목록을 아직 읽고 있습니다'],
  [/^A recording has the symbols that it has$/, '녹화에 있는 종목만 볼 수 있습니다'],
  // Strategy
  [/^started$/, '시작됨'],
  [/^stopped by hand$/, '직접 중지함'],
  [/^kill switch$/, '킬 스위치'],
  [/^kill switch released$/, '킬 스위치 해제됨'],
  [/^Strategy halted: (.*)$/, '전략 정지: {1}'],
  [/^Strategy: expected stopped, was running \((.*)\)$/, '전략이 이미 실행 중입니다 ($1)'],
  [/^Strategy: (.*)$/, '전략: {1}'],
  // Fields
  [/^[Ee]xpected a number above 0, was (.*)$/, '0보다 큰 수여야 합니다. 입력 $1'],
  [/^[Ee]xpected a number, was (.*)$/, '숫자여야 합니다. 입력 $1'],
  [/^[Ee]xpected a whole number, was (.*)$/, '정수여야 합니다. 입력 $1'],
  [/^[Ee]xpected at least (\S+), was (.*)$/, '최소 $1. 입력 $2'],
  [/^[Ee]xpected at most (\S+), was (.*)$/, '최대 $1. 입력 $2'],
  [/^[Ee]xpected below (\S+), was (.*)$/, '$1보다 작아야 합니다. 입력 $2'],
  [/^[Ee]xpected a decimal number, was (.*)$/, '소수 숫자여야 합니다. 입력 $1'],
  [/^[Ee]xpected a multiple of (\S+), was (.*)$/, '$1의 배수여야 합니다. 입력 $2'],
  [/^([A-Za-z]+(?:\.[A-Za-z]+)?): (expected .*)$/, '$1: {2}'],
  // Kill switch
  [/^Kill switch pressed$/, '킬 스위치를 눌렀습니다'],
  [/^Kill switch: (.*)$/, '킬 스위치: {1}'],
  [/^cancelling all orders$/, '모든 주문 취소 중'],
  [/^closing positions$/, '포지션 청산 중'],
  [/^asking the venue for open orders$/, '거래소에 남은 주문 확인 중'],
  [/^reset by hand$/, '직접 해제함'],
  [/^flat, confirmed by the venue in (\S+) s$/, '포지션 없음, 거래소 확인 $1초'],
  [/^flat confirmed late, after (\S+) s; reset by hand$/, '$1초 뒤 늦게 확인됨. 직접 해제하세요'],
  [/^NOT FLAT for certain after (\S+) s: (.*)$/, '$1초가 지나도 포지션 정리가 확인되지 않음: {2}'],
  [/^no proof from the venue$/, '거래소의 확인이 없음'],
  [/^the venue did not say which orders are open$/, '거래소가 남은 주문을 알려 주지 않음'],
  [/^the venue still holds (\d+) open orders?$/, '거래소에 주문 $1건이 남아 있음'],
  [/^(\d+) orders? (?:is|are) not cancelled yet$/, '주문 $1건이 아직 취소되지 않음'],
  [/^waiting for (\d+) closing orders?$/, '청산 주문 $1건 대기 중'],
  [/^no reference price to close at$/, '청산할 기준가가 없음'],
  [/^a late fill or order turned up$/, '늦은 체결이나 주문이 나타남'],
  // Feed and processes
  [/^(\S+) book is connecting: (.*)$/, '$1 시세 연결 중: {2}'],
  [/^(\S+) book is gap: (.*)$/, '$1 호가에 빈 구간: {2}'],
  [/^(\S+) book is stale: (.*)$/, '$1 호가 멈춤: {2}'],
  [/^(\S+) book is crossed: (.*)$/, '$1 호가 역전: {2}'],
  [/^(\S+) book is checksum: (.*)$/, '$1 호가 체크섬 불일치: {2}'],
  [/^(\S+) feed is (\S+) s behind the venue.*$/, '$1 시세가 거래소보다 $2초 늦습니다'],
  [
    /^(\S+) feed falls behind by (\S+) ms a second .*, is (\S+) s behind the venue$/,
    '$1 시세가 초당 $2ms씩 밀립니다. 현재 $3초 늦음',
  ],
  [/^(\S+) feed has caught up: (\S+) ms behind the venue$/, '$1 시세가 따라잡았습니다: $2ms 늦음'],
  [/^(\S+): its clock moved by (\S+) s$/, '$1: 거래소 시계가 $2초 움직였습니다'],
  [/^Everything is opened anew: (.*)$/, '모든 연결을 새로 엽니다: {1}'],
  [/^this process did not run for (\S+) s$/, '이 프로세스가 $1초 동안 멈춰 있었음'],
  [/^this machine slept for (\S+) s, or .*$/, '컴퓨터가 $1초 동안 절전했거나 시계가 앞으로 바뀜'],
  [/^The clock of this machine was set back by (\S+) s$/, '컴퓨터 시계가 $1초 뒤로 바뀌었습니다'],
  [/^The clock of this machine was set forward by (\S+) s$/, '컴퓨터 시계가 $1초 앞으로 바뀌었습니다'],
  [/^closed by the venue$/, '거래소가 연결을 닫음'],
  [/^best bid at or above best ask$/, '매수 1호가가 매도 1호가 이상'],
  [/^(\S+) book is checksum: (.*)$/, '$1 호가 체크섬 불일치: {2}'],
  [/^(\S+) book is syncing: (.*)$/, '$1 호가 동기화 중: {2}'],
  [/^(\S+): its clock moved by (.*)$/, '$1의 시계가 $2 움직였습니다'],
  [/^(\S+) feed is (.+) behind the venue \(limit (.+)\)$/, '$1 시세가 거래소보다 $2 늦습니다 (한도 $3)'],
  [
    /^(\S+) feed falls behind by (.+) a second \(limit (.+)\), is (.+) behind the venue$/,
    '$1 시세가 초당 $2씩 밀리고 있습니다 (한도 $3, 현재 $4 지연)',
  ],
  [/^(\S+) feed has caught up: (.+) behind the venue$/, '$1 시세가 따라잡았습니다: 거래소보다 $2 늦음'],
  [/^this process did not run for (.+)$/, '프로세스가 $1 동안 멈춰 있었습니다'],
  [
    /^this machine slept for (.+), or its clock was set forward$/,
    '컴퓨터가 $1 동안 절전 상태였거나 시계가 앞으로 당겨졌습니다',
  ],
  [/^The clock of this machine was set back by (.+)$/, '이 컴퓨터의 시계가 $1 뒤로 돌려졌습니다'],
  [/^The clock of this machine was set \S+ by (.+)$/, '이 컴퓨터의 시계가 $1 바뀌었습니다'],
  [/^refused with status (\d+)$/, '거래소가 연결을 거부함 (상태 $1)'],
  [/^not subscribed$/, '구독하지 않음'],
  [/^waiting for the first book$/, '첫 호가 대기 중'],
  [/^waiting for an update that proves the snapshot$/, '스냅숏을 확인해 줄 갱신 대기 중'],
  [/^the venue sent a new snapshot$/, '거래소가 새 스냅숏을 보냄'],
  [/^no snapshot for (\d+) s$/, '스냅숏이 $1초 동안 없음'],
  [/^expected sequence (\d+) or later, was (\d+)$/, '순번이 $1 이상이어야 하는데 $2'],
  [/^expected an update after (\S+), was after (\S+)$/, '$1 다음 갱신이어야 하는데 $2 다음'],
  [/^expected checksum (\S+), was (\S+)$/, '체크섬이 $1이어야 하는데 $2'],
  [/^snapshot (\d+) is older than update (\d+)$/, '스냅숏 $1이(가) 갱신 $2보다 오래됨'],
  [/^snapshot of sequence (\d+) is older than (\d+)$/, '스냅숏 순번 $1이(가) $2보다 오래됨'],
  [/^no (?:depth|book) update for (\d+) s$/, '호가 갱신이 $1초 동안 없음'],
  [/^no book for (\d+) s$/, '호가가 $1초 동안 없음'],
  [/^(?:depth|book) of (\S+) is silent while .*$/, '$1 체결은 오는데 호가가 멈춤'],
  [/^the book is silent for (\d+) s while .*$/, '체결은 오는데 호가가 $1초째 멈춤'],
  [/^best price is better than the ticker says$/, '최우선 호가가 거래소의 시세와 다름'],
  [/^bad (?:depth|book) message: (.*)$/, '잘못된 호가 메시지: $1'],
  [/^unreadable message: (.*)$/, '읽을 수 없는 메시지: $1'],
  [/^the venue announced: (.*)$/, '거래소 공지: $1'],
  [/^Everything is opened anew: (.*)$/, '모든 연결을 다시 엽니다: {1}'],
  [/^waiting for the snapshot$/, '스냅숏 대기 중'],
  [/^waiting for the venue$/, '거래소 대기 중'],
  [/^expected update (\d+), was (\d+)$/, '갱신 번호 $1이어야 하는데 $2'],
  [/^snapshot failed: (.*)$/, '스냅숏 실패: $1'],
  [/^was ended by (\S+)$/, '$1 신호로 종료됨'],
  [/^exited with code (\S+)$/, '종료 코드 $1'],
  // Storage
  [/^(.+): no such file$/, '$1: 파일이 없습니다'],
  [/^expected a full path, was (.+)$/, '전체 경로가 필요합니다. 입력 $1'],
  [/^expected a time after fromUs, was not$/, '시작보다 뒤의 시각이어야 합니다'],
  [/^Postgres is still starting$/, 'Postgres를 시작하는 중입니다'],
  [
    /^only (\d+) MB are free: .*$/,
    '디스크 여유가 $1MB뿐입니다. 틱은 저널에서 기다리고, 남은 공간은 주문과 체결에 씁니다',
  ],
  [/^(.*): no snapshot(.*)$/, '$1: 호가 스냅숏이 없습니다$2'],
];

/** @param text a line of the engine, @param language of the page; English comes back as it is. */
export function translateEngineText(text: string, language: string): string {
  if (language !== 'ko' || text === '') return text;
  for (const [pattern, korean] of RULES) {
    const match = pattern.exec(text);
    if (!match) continue;
    return korean
      .replace(/\$(\d)/g, (_all, group: string) => match[Number(group)] ?? '')
      .replace(/\{(\d)\}/g, (_all, group: string) => translateEngineText(match[Number(group)] ?? '', language));
  }
  return text;
}

/** A line of the engine for the screen as it is now. */
export function engineText(text: string): string {
  return translateEngineText(text, i18n.language);
}

/** What went wrong, as {@link engineText}; also of something thrown that is no Error. */
export function errorText(error: unknown): string {
  return engineText(error instanceof Error ? error.message : String(error));
}
