-- For clusters of Kafka that exist: the store fetches what relays with an output of type kafka have put there. A row fetched twice replaces itself.
{{range $kind := list "usage" "flow" "device" "alert"}}
CREATE TABLE {{$kind}}_kafka AS {{$kind}}_in
ENGINE = Kafka SETTINGS kafka_broker_list = '{{brokers}}', kafka_topic_list = 'netifyd-v1-{{$kind}}', kafka_group_name = 'netifyd-store-{{$kind}}', kafka_format = 'JSONEachRow'{{more}};
{{end}}
