"""Every fault that a provisioner must survive, and where this one is shown to: a table of data.

Tests are named `folder/file.py::test` below `tests/`. `why` is there where no test can, or where a test needs a word.
"""

from __future__ import annotations

from dataclasses import dataclass

MEMBERS, MACHINES, RUNS = (f"simulator/faults/test_{part}.py::test_" for part in ("members", "machines", "runs"))
WHOLE, ETCD = "simulator/test_whole_faults.py::test_", "simulator/test_whole_etcd.py::test_"
KILLED = "simulator/crash/test_killed.py::test_"
ENGINE, UNIT, AGENT = "unit/engine/test_", "unit/machines/test_", "unit/agent/test_"
CLUSTER, ARRIVAL = "unit/cluster/test_", "unit/clouds/test_arrival.py::test_"
UNSTEADY, REFUSED, BEHIND = (
    f"openstack/test_{part}.py::test_" for part in ("5_unsteady", "3_refused", "4_behind_our_back")
)


@dataclass(frozen=True, slots=True)
class Row:
    """A fault with what must happen, the tests that show it, and what is to be said beside."""

    fault: str
    expected: str
    tests: tuple[str, ...] = ()
    why: str = ""


ROWS: tuple[Row, ...] = (
    Row(
        "SSH drops mid-command",
        "told and tried again with back-off, after a new probe; other machines are unaffected",
        (
            MACHINES + "connections_that_drop_all_the_time_only_cost_time",
            WHOLE + "a_connection_that_drops_in_a_command_is_made_again",
            ENGINE + "retries.py::test_a_step_that_came_about_all_the_same_is_not_applied_again",
        ),
    ),
    Row(
        "SSH never comes up",
        "a deadline; the machine's console is shown; the machine stays",
        (
            ARRIVAL + "a_machine_that_stays_silent_is_told_with_its_console",
            UNIT + "connection.py::test_waiting_in_vain_says_what_the_last_answer_was",
        ),
    ),
    Row(
        "half-written file",
        "written beside, checked by its sum, renamed; never a part of a unit or key",
        (
            UNIT + "placing.py::test_a_file_cut_short_is_not_put_in_place",
            UNIT + "placing.py::test_leftovers_of_a_killed_run_are_swept",
            "unit/store/test_keys.py::test_a_write_that_fails_leaves_the_old_key_and_no_draft",
            KILLED + "a_deployment_that_is_killed_anywhere",
        ),
    ),
    Row(
        "machine in error at creation",
        "its fault is told; made anew as the next generation, a few times",
        (
            WHOLE + "a_machine_in_error_is_made_anew_within_the_run",
            REFUSED + "a_server_that_comes_up_wrong_is_replaced_and_its_fault_told",
            REFUSED + "servers_that_never_come_up_right_are_given_up",
        ),
    ),
    Row(
        "machine deleted by someone",
        "noticed; its etcd member is removed before the successor joins",
        (
            WHOLE + "a_machine_that_vanished_is_made_anew",
            "kubernetes/test_4_killed.py::test_a_machine_that_dies_is_made_again_and_joins_again",
            "kubernetes/test_4_killed.py::test_a_control_plane_that_dies_comes_back_with_its_state",
            BEHIND + "a_server_that_was_deleted_comes_back_with_its_addresses",
        ),
    ),
    Row(
        "quota exceeded",
        "refused with the numbers before anything is made; in the middle what exists is kept, and the next run goes on",
        (
            MACHINES + "a_quota_that_is_used_up_stops_before_anything_is_made",
            REFUSED + "quotas_are_told_before_anything_is_made",
            REFUSED + "a_quota_that_is_used_up_meanwhile_stops_cleanly_and_the_run_after_goes_on",
        ),
    ),
    Row(
        "the answer to a creation is lost",
        "found when it is looked for; no twin",
        (
            MACHINES + "a_lost_answer_to_a_creation_makes_no_twin",
            UNSTEADY + "lost_replies_make_no_twins",
        ),
    ),
    Row(
        "the cloud's token ends in a run",
        "renewed silently; told where that is impossible",
        (
            UNSTEADY + "a_token_that_ends_in_a_run_is_renewed_silently",
            UNSTEADY + "a_token_that_cannot_be_renewed_is_told",
        ),
    ),
    Row(
        "429, 503, 500",
        "back-off with a deadline, as long as the cloud asks for",
        (
            UNSTEADY + "bursts_of_429_and_503_are_waited_out",
            UNSTEADY + "an_api_that_stays_away_is_told_at_last",
            "unit/clouds/test_openstack_calls.py::test_a_question_is_asked_again_after_what_the_cloud_asked_to_wait",
        ),
    ),
    Row(
        "the deploying process is killed",
        "the next run probes what was in flight and converges",
        (
            KILLED + "a_deployment_and_scalings_that_are_killed",
            KILLED + "a_deployment_that_is_killed_anywhere",
            KILLED + "a_scaling_that_is_killed_anywhere",
            ENGINE + "killed.py::test_the_next_run_finds_what_was_in_flight_and_goes_on",
            "kubernetes/test_4_killed.py::test_the_next_run_converges_and_the_one_after_plans_nothing",
            "openstack/test_2_killed.py::test_killed_after_every_single_write",
        ),
    ),
    Row(
        "two runs at once",
        "the second is refused with owner, host, process and age; a dead holder is replaced",
        (
            RUNS + "a_second_run_is_refused_with_the_first_ones_process",
            ENGINE + "lock.py::test_of_processes_that_ask_at_once_one_gets_it",
            ENGINE + "lock.py::test_on_another_host_only_silence_counts",
            ENGINE + "run.py::test_a_run_that_lost_its_lock_stops_and_leaves_the_new_holder_alone",
        ),
    ),
    Row(
        "journal lost or cut",
        "read up to the cut; rebuilt from what is there; lost authorities are refused",
        (
            RUNS + "a_database_whose_last_writes_were_cut_is_read_up_to_there",
            RUNS + "a_lost_database_is_made_anew_from_what_is_there",
            CLUSTER + "identity.py::test_lost_keys_of_a_running_cluster_are_refused",
        ),
    ),
    Row(
        "etcd learner added, its machine died",
        "the learner leaves, its successor joins; the quorum is untouched",
        (
            MEMBERS + "a_learner_whose_machine_died_leaves_and_its_successor_votes",
            ETCD + "a_learner_that_shall_not_vote_leaves",
        ),
    ),
    Row(
        "etcd joined, not promoted",
        "the next run promotes",
        (
            MEMBERS + "a_learner_that_joined_and_was_not_promoted_is_promoted",
            ETCD + "a_learner_whose_join_was_interrupted_is_started_and_promoted",
        ),
    ),
    Row(
        "data of another membership on a joiner",
        "set aside, never removed, and only where it belongs to no member",
        (ETCD + "data_of_a_member_that_was_removed_is_set_aside",),
    ),
    Row(
        "one of three members is down, another shall go",
        "refused with the arithmetic",
        (
            MEMBERS + "while_one_of_three_is_down_another_is_not_removed",
            CLUSTER + "membership.py::test_removing_a_second_member_while_one_is_down_is_refused_with_the_arithmetic",
            CLUSTER + "membership.py::test_an_allowed_leave_never_costs_the_quorum",
        ),
    ),
    Row(
        "quorum lost",
        "said as such; no change of membership is tried",
        (
            MEMBERS + "without_a_quorum_nobody_leaves",
            ETCD + "without_a_quorum_nothing_is_changed",
        ),
        "Snapshots of etcd are not taken, so there is none to restore from.",
    ),
    Row(
        "the etcd leader shall go",
        "leadership is moved first",
        (ETCD + "a_leader_hands_over_before_it_leaves",),
    ),
    Row(
        "disk full",
        "refused beforehand; on ENOSPC the step fails with path and usage, and what was there stays",
        (
            WHOLE + "a_full_disk_is_said_by_the_step_that_writes",
            UNIT + "placing.py::test_a_really_full_disk_is_told_and_keeps_what_was_there",
            "simulator/test_enact.py::test_a_full_disk_is_told_by_apt",
            "unit/operations/test_views.py::test_alarms_are_told_by_name",
        ),
    ),
    Row(
        "the API is away while a node leaves",
        "waited for within a deadline; never forced silently",
        (
            MACHINES + "an_api_that_is_away_for_a_while_is_waited_for_before_a_node_leaves",
            "unit/kube/test_access.py::test_a_server_that_is_away_is_unreachable_and_no_secret_is_told",
        ),
    ),
    Row(
        "a PodDisruptionBudget blocks a drain",
        "pod and budget are named at the deadline; only an explicit force deletes",
        (
            "unit/kube/test_drain.py::test_a_drain_that_the_budget_holds_up_names_pod_and_budget",
            "unit/kube/test_drain.py::test_force_deletes_after_the_deadline_and_says_so",
            "simulator/live/test_operations.py::test_what_stops_a_drain_is_told_and_written",
        ),
    ),
    Row(
        "clock skew",
        "refused with the difference; certificates begin before now",
        (
            WHOLE + "a_clock_that_is_wrong_is_refused",
            ARRIVAL + "a_machine_that_cannot_be_used_is_refused",
            CLUSTER + "pki.py::test_a_certificate_begins_before_now_so_that_a_slow_clock_accepts_it",
        ),
    ),
    Row(
        "wrong or changed host key",
        "a hard stop for that machine; keys are ours, pinned before it exists",
        (
            WHOLE + "a_wrong_host_key_is_a_hard_stop",
            "kubernetes/test_5_inventory.py::test_a_wrong_host_key_is_a_hard_stop",
            UNIT + "connection.py::test_a_wrong_host_key_is_a_hard_stop_that_names_both_fingerprints",
        ),
    ),
    Row(
        "address reused by a new machine",
        "a key belongs to a machine, not to an address; it is dropped only because we deleted the machine",
        (
            MACHINES + "the_next_machine_of_a_name_has_another_host_key",
            UNIT + "connection.py::test_a_machine_with_another_address_gets_a_new_connection",
        ),
    ),
    Row(
        "slow machine",
        "others go on; the step's deadline fails it",
        (
            MACHINES + "a_slow_machine_holds_nobody_back",
            WHOLE + "a_slow_machine_only_takes_longer",
            ENGINE + "runner.py::test_a_slow_step_holds_back_only_its_dependants",
            ENGINE + "runner.py::test_a_step_is_failed_at_its_deadline_with_what_it_was_doing",
        ),
    ),
    Row(
        "checksum mismatch, mirror down",
        "another mirror; nothing unverified is installed; both sums and the URL are told",
        (
            UNIT + "artifacts.py::test_a_wrong_checksum_is_never_used_and_told_with_both_sums",
            UNIT + "artifacts.py::test_after_a_bad_mirror_the_next_one_is_asked",
            UNIT + "enact.py::test_an_artifact_that_cannot_be_verified_changes_nothing_on_the_machine",
        ),
    ),
    Row(
        "program of a wrong architecture",
        "refused when the machine is met, and when the artifact is",
        (
            ARRIVAL + "a_machine_that_cannot_be_used_is_refused",
            UNIT + "artifacts.py::test_a_program_for_another_architecture_is_refused",
        ),
    ),
    Row(
        "reboot in the middle",
        "waited for, probed, gone on; units are enabled before they are started",
        (
            MACHINES + "a_machine_that_reboots_in_the_middle_is_waited_for",
            "machines/test_nspawn.py::test_a_machine_that_reboots_itself_comes_back",
            UNIT + "difference.py::test_a_machine_that_is_absent_gets_everything_in_the_order_of_work",
        ),
    ),
    Row(
        "cloud-init still runs, apt is locked",
        "both are waited for, with a deadline",
        (
            ARRIVAL + "the_first_boot_is_waited_for",
            "simulator/test_enact.py::test_apts_locks_are_waited_for",
            "simulator/test_enact.py::test_locks_that_stay_taken_may_pass",
        ),
    ),
    Row(
        "certificate ended between runs",
        "found by the probe, issued anew by the same authority",
        (
            MACHINES + "certificates_that_ended_between_runs_are_issued_anew",
            CLUSTER + "pki.py::test_an_authority_is_never_made_twice",
        ),
    ),
    Row(
        "gateway: the API is away",
        "the last good configuration stays; its age is told",
        (
            WHOLE + "while_the_api_is_away_gateways_serve_on",
            AGENT + "watching.py::test_the_last_good_configuration_stays_while_the_api_is_away",
            "simulator/gateway/test_gateway.py::test_while_the_api_is_away_what_was_served_stays",
        ),
    ),
    Row(
        "gateway: HAProxy refuses what was rendered",
        "the old file stays, the Service that caused it is flagged, the others are served",
        (
            AGENT + "watching.py::test_one_service_that_haproxy_refuses_does_not_break_the_others",
            AGENT + "watching.py::test_where_nothing_is_accepted_the_old_file_stays_and_the_status_says_why",
        ),
    ),
    Row(
        "two Services want one port",
        "the older has it, the loser is flagged",
        (
            AGENT + "publications.py::test_the_oldest_service_has_the_port_and_the_loser_names_the_winner",
            "simulator/gateway/test_gateway.py::test_of_two_services_with_one_port_the_older_one_has_it",
        ),
    ),
    Row(
        "the operator cancels",
        "running steps end or are stopped; the report says what is half done and what was not started",
        (
            RUNS + "a_cancelled_run_says_what_was_not_done_and_the_next_one_goes_on",
            ENGINE + "cancel.py::test_a_step_that_outlasts_the_grace_is_stopped_and_said_to_be_half_done",
        ),
    ),
    Row(
        "the terminal is closed",
        "a run of the console goes on in its own process and can be followed from elsewhere",
        (
            RUNS + "a_run_of_the_console_goes_on_without_it_and_is_followed_from_elsewhere",
            ENGINE + "session.py::test_every_follower_gets_the_events_so_far_and_then_the_live_ones",
        ),
    ),
    Row(
        "a machine's name or address leads to another one",
        "stopped: a machine is who shows the host key that was made for it",
        (
            WHOLE + "a_wrong_host_key_is_a_hard_stop",
            BEHIND + "two_servers_that_claim_one_machine_stop_everything",
            "openstack/test_1_life.py::test_everything_carries_the_mark_and_machines_know_who_they_are",
        ),
    ),
)
