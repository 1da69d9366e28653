<?php
// A client of Gerbang in PHP without any of Gerbang's code: a partner pushes a schedule, and pulls the assignments of its days.
//
//     php examples/php/push_and_pull.php STUBS PROFILE SCHEDULE [PULL_PROFILE]
//
// STUBS is the folder of the classes that protoc made (docs/partners.md). With PULL_PROFILE another system pulls, as the
// prison. Needs of Debian php-cli, php-curl, php-bcmath and php-google-protobuf, and no gRPC extension: a call is a POST over
// HTTP/2, its message behind five bytes.

use Gerbang\V1\BatchOutcome;
use Gerbang\V1\ItemOutcome;
use Gerbang\V1\ListTrainerAssignmentsRequest;
use Gerbang\V1\ListTrainerAssignmentsResponse;
use Gerbang\V1\PushScheduleRequest;
use Gerbang\V1\PushScheduleResponse;
use Gerbang\V1\SessionDraft;
use Google\Protobuf\Internal\Message;

/** A refused call: programs go by the reason and by the fields that are wrong, path => reason; people by the message. */
final class Refused extends RuntimeException
{
    public readonly string $reason;
    public readonly array $fields;

    /** `$details` is the trailer `grpc-status-details-bin`: a google.rpc.Status, which holds ErrorInfo and BadRequest. */
    public function __construct(public readonly int $grpcStatus, string $details, string $text)
    {
        parent::__construct($text);
        $status = new Google\Rpc\Status();
        $status->mergeFromString(base64_decode($details));
        [$reason, $fields] = ['', []];
        foreach ($status->getDetails() as $detail) {
            if (str_ends_with($detail->getTypeUrl(), '/google.rpc.ErrorInfo')) {
                $info = new Google\Rpc\ErrorInfo();
                $info->mergeFromString($detail->getValue());
                $reason = $info->getReason();
            } elseif (str_ends_with($detail->getTypeUrl(), '/google.rpc.BadRequest')) {
                $bad = new Google\Rpc\BadRequest();
                $bad->mergeFromString($detail->getValue());
                foreach ($bad->getFieldViolations() as $violation) {
                    $fields[$violation->getField()] = $violation->getReason();
                }
            }
        }
        [$this->reason, $this->fields] = [$reason, $fields];
    }
}

/** One connection, kept over calls, with the certificate of a profile. */
final class Gateway
{
    private CurlHandle $curl;
    private string $url;
    /** Headers and trailers of the answer, by name. */
    private array $headers = [];

    public function __construct(string $profileFile)
    {
        // A profile is TOML of lines `name = "value"`, which read as INI but for comments.
        $profile = parse_ini_string(preg_replace('/^\s*#.*$/m', '', read($profileFile)));
        $path = fn (string $name) => str_starts_with($profile[$name], '/')
            ? $profile[$name] : dirname($profileFile) . '/' . $profile[$name];
        [$host, $port] = explode(':', preg_replace('#^https://#', '', $profile['address']));
        $this->url = "https://{$profile['server_name']}:$port";
        $this->curl = curl_init();
        curl_setopt_array($this->curl, [
            CURLOPT_CONNECT_TO => ["::$host:$port"],
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_2TLS,
            CURLOPT_SSLVERSION => CURL_SSLVERSION_TLSv1_3,
            CURLOPT_CAINFO => $path('ca'),
            CURLOPT_SSLCERT => $path('certificate'),
            CURLOPT_SSLKEY => $path('key'),
            CURLOPT_HTTPHEADER => ['content-type: application/grpc', 'te: trailers', 'accept-language: ' . language()],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $this->headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
        ]);
    }

    /** Calls a method, named as in `gerbang.v1.ScheduleService/PushSchedule`, and fills the answer. */
    public function call(string $method, Message $request, Message $answer): Message
    {
        $this->headers = [];
        $bytes = $request->serializeToString();
        curl_setopt($this->curl, CURLOPT_URL, "$this->url/$method");
        // One byte that says "not compressed", four with the length, and the message.
        curl_setopt($this->curl, CURLOPT_POSTFIELDS, "\0" . pack('N', strlen($bytes)) . $bytes);
        $body = curl_exec($this->curl);
        if ($body === false) {
            throw new RuntimeException('no answer: ' . curl_error($this->curl));
        }
        $status = (int) ($this->headers['grpc-status'] ?? 2);
        if ($status !== 0) {
            $details = $this->headers['grpc-status-details-bin'] ?? '';
            throw new Refused($status, $details, rawurldecode($this->headers['grpc-message'] ?? ''));
        }
        $answer->mergeFromString(substr($body, 5));
        return $answer;
    }
}

/** The language in which the gateway's texts are asked for: that of the environment's locale. */
function language(): string
{
    $locale = getenv('LC_ALL') ?: getenv('LC_MESSAGES') ?: getenv('LANG') ?: '';
    return str_starts_with($locale, 'id') ? 'id' : 'en';
}

function read(string $file): string
{
    $text = @file_get_contents($file);
    return $text !== false ? $text : throw new RuntimeException("$file: this file cannot be read");
}

function random_uuid(): string
{
    $bytes = random_bytes(16);
    $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
    $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
}

/**
 * Reads a request. PHP's reader of JSON takes a number for a text and 1.5 for 1 without a word, and of what it refuses it
 * names no place: that is found here, by reading field by field.
 */
function read_json(Message $request, string $file): Message
{
    $json = read($file);
    try {
        $request->mergeFromJsonString($json);
        return $request;
    } catch (Exception $failure) {
        $value = json_decode($json);
        $why = $value instanceof stdClass
            ? misread($request::class, $value) . ': ' . $failure->getMessage()
            : 'this is no JSON object: ' . json_last_error_msg();
        throw new RuntimeException("$file: $why");
    }
}

/** The path of the first field that a message does not take: `sessions[2].sequence`. */
function misread(string $class, stdClass $value): string
{
    foreach (get_object_vars($value) as $name => $field) {
        try {
            (new $class())->mergeFromJsonString(json_encode([$name => $field]));
        } catch (Exception) {
            foreach (is_array($field) && $name === 'sessions' ? $field : [] as $index => $item) {
                $within = $item instanceof stdClass ? misread(SessionDraft::class, $item) : '';
                if ($within !== '') {
                    return "{$name}[$index].$within";
                }
            }
            return $name;
        }
    }
    return '';
}

function push(Gateway $gateway, string $scheduleFile): array
{
    $request = read_json(new PushScheduleRequest(), $scheduleFile);
    $request->setRequestId(random_uuid());
    $answer = $gateway->call('gerbang.v1.ScheduleService/PushSchedule', $request, new PushScheduleResponse());
    return [$request, $answer];
}

function pull(Gateway $gateway, $start, $end): Generator
{
    $request = new ListTrainerAssignmentsRequest(['range_start' => $start, 'range_end' => $end, 'page_size' => 100]);
    do {
        $page = new ListTrainerAssignmentsResponse();
        $gateway->call('gerbang.v1.AssignmentService/ListTrainerAssignments', $request, $page);
        foreach ($page->getAssignments() as $assignment) {
            yield $assignment;
        }
        $request->setPageToken($page->getNextPageToken());
    } while ($page->getNextPageToken() !== '');
}

function main(string $stubs, string $profile, string $scheduleFile, ?string $pullProfile = null): int
{
    set_include_path($stubs . PATH_SEPARATOR . '/usr/share/php');
    spl_autoload_register(function (string $class): void {
        $file = stream_resolve_include_path(strtr($class, '\\', '/') . '.php');
        if ($file !== false) {
            require $file;
        }
    });
    try {
        [$request, $answer] = push(new Gateway($profile), $scheduleFile);
        echo 'push: ', BatchOutcome::name($answer->getOutcome()), "\n";
        foreach ($answer->getResults() as $result) {
            $why = fn ($error) => "{$error->getField()}: {$error->getText()} ({$error->getReason()})";
            $whys = array_map($why, iterator_to_array($result->getErrors()));
            echo '  ', implode(' ', [$result->getUid(), ItemOutcome::name($result->getOutcome()), ...$whys]), "\n";
        }
        if ($answer->getOutcome() === BatchOutcome::BATCH_OUTCOME_REJECTED) {
            return 1;
        }
        $sessions = iterator_to_array($request->getSessions());
        usort($sessions, fn ($a, $b) => $a->getStartsAt()->getSeconds() <=> $b->getStartsAt()->getSeconds());
        $start = $sessions[0]->getStartsAt();
        usort($sessions, fn ($a, $b) => $b->getEndsAt()->getSeconds() <=> $a->getEndsAt()->getSeconds());
        $end = $sessions[0]->getEndsAt();
        foreach (pull(new Gateway($pullProfile ?? $profile), $start, $end) as $item) {
            $from = gmdate('Y-m-d\TH:i:s\Z', $item->getStartsAt()->getSeconds());
            echo "$from {$item->getTrainerDisplayName()} | {$item->getProgrammeTitle()} | {$item->getTopic()}\n";
        }
        return 0;
    } catch (Refused $refused) {
        fwrite(STDERR, "refused: $refused->reason {$refused->getMessage()}\n");
        foreach ($refused->fields as $path => $reason) {
            fwrite(STDERR, "  $path: $reason\n");
        }
        return 1;
    } catch (Exception $failure) {
        // No gateway answered, or the file is none that the contract takes.
        fwrite(STDERR, "failed: {$failure->getMessage()}\n");
        return 1;
    }
}

if ($argc !== 4 && $argc !== 5) {
    fwrite(STDERR, "usage: php push_and_pull.php STUBS PROFILE SCHEDULE [PULL_PROFILE]\n");
    exit(2);
}
exit(main(...array_slice($argv, 1)));
