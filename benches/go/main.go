// The Go service: what benches/exchange/bare.rs does, with grpc-go and pgx. The same contract, certificates, statements
// and number of connections.
//
//	go-peer ADDRESS FOLDER-OF-CERTIFICATES DATABASE-URL
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/golang/protobuf/ptypes/timestamp"
	"github.com/jackc/pgx/v4/pgxpool"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"peer/contract"
)

const connections = 16

const push = `INSERT INTO bare.assignment VALUES (gen_random_uuid(), $1, $2, 'lapas-besar', 'p-0', 'Pengelasan dasar',
	'Las busur listrik', $3, 'Budi Contoh', 'Instruktur las', $4, $5, 0)
	ON CONFLICT (lead, uid) DO UPDATE SET trainer = excluded.trainer, starts_at = excluded.starts_at,
	ends_at = excluded.ends_at, sequence = excluded.sequence`

const page = `SELECT id::text, lead, uid, title, topic, trainer, display_name, competence, starts_at, ends_at
	FROM bare.assignment WHERE prison = 'lapas-besar' AND (starts_at, id) > ('-infinity', '00000000-0000-0000-0000-000000000000')
	ORDER BY starts_at, id LIMIT $1`

type service struct {
	contract.UnimplementedScheduleServiceServer
	contract.UnimplementedAssignmentServiceServer
	pool *pgxpool.Pool
}

func part(name string, place int) string {
	parts := strings.Split(name, "/")
	if place >= len(parts) {
		return ""
	}
	return parts[place]
}

func (s *service) PushSchedule(ctx context.Context, request *contract.PushScheduleRequest) (*contract.PushScheduleResponse, error) {
	answer := &contract.PushScheduleResponse{Outcome: contract.BatchOutcome_BATCH_OUTCOME_STORED}
	for index, session := range request.Sessions {
		trainer := ""
		if len(session.Trainers) > 0 {
			trainer = part(session.Trainers[0].Trainer, 3)
		}
		starts, ends := time.Unix(session.StartsAt.GetSeconds(), 0), time.Unix(session.EndsAt.GetSeconds(), 0)
		_, err := s.pool.Exec(ctx, push, part(request.Name, 1), session.Uid, trainer, starts, ends)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		answer.Results = append(answer.Results, &contract.SessionResult{
			Index: int32(index), Uid: session.Uid, Outcome: contract.ItemOutcome_ITEM_OUTCOME_CREATED,
		})
	}
	return answer, nil
}

func (s *service) ListTrainerAssignments(ctx context.Context, request *contract.ListTrainerAssignmentsRequest) (*contract.ListTrainerAssignmentsResponse, error) {
	rows, err := s.pool.Query(ctx, page, request.PageSize)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	defer rows.Close()
	answer := &contract.ListTrainerAssignmentsResponse{}
	for rows.Next() {
		var id, lead, uid, title, topic, trainer, name, competence string
		var starts, ends time.Time
		if err := rows.Scan(&id, &lead, &uid, &title, &topic, &trainer, &name, &competence, &starts, &ends); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		answer.Assignments = append(answer.Assignments, &contract.TrainerAssignment{
			Name:               "assignments/" + id,
			Session:            fmt.Sprintf("agencies/%s/sessions/%s", lead, uid),
			SessionUid:         uid,
			StartsAt:           &timestamp.Timestamp{Seconds: starts.Unix()},
			EndsAt:             &timestamp.Timestamp{Seconds: ends.Unix()},
			TimeZone:           "Asia/Jakarta",
			ProgrammeTitle:     title,
			Topic:              topic,
			Trainer:            fmt.Sprintf("agencies/%s/trainers/%s", lead, trainer),
			TrainerDisplayName: name,
			TrainerAgency:      "agencies/" + lead,
			Competences:        []*contract.Competence{{Title: competence}},
			Role:               contract.TrainerRole_TRAINER_ROLE_LEAD,
			State:              contract.AssignmentState_ASSIGNMENT_STATE_PROPOSED,
			Etag:               "1111111111111111",
			SessionState:       contract.SessionState_SESSION_STATE_TENTATIVE,
		})
	}
	if err := rows.Err(); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return answer, nil
}

func main() {
	address, folder, database := os.Args[1], os.Args[2], os.Args[3]
	pair, err := tls.LoadX509KeyPair(folder+"/gateway.pem", folder+"/gateway.key")
	if err != nil {
		log.Fatal(err)
	}
	root, err := os.ReadFile(folder + "/root.pem")
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = connections
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(16<<20), grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    roots,
		MinVersion:   tls.VersionTLS13,
	})))
	peer := &service{pool: pool}
	contract.RegisterScheduleServiceServer(server, peer)
	contract.RegisterAssignmentServiceServer(server, peer)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}
